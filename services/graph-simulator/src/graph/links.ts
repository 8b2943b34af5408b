import { createHmac, timingSafeEqual } from 'node:crypto';
import { badRequest } from '../http/graph-error.ts';

const MAC_BYTES = 9;

/**
 * Makes the absolute links that answers carry, and the opaque tokens in them. A token holds all that is needed to go on,
 * so it survives a restart; it is bound to its collection, and refused when it was altered or used elsewhere.
 */
export class Links {
  readonly #key: string;
  #root = '';

  /** @param key secret of this tenant */
  constructor(key: string) {
    this.#key = key;
  }

  /** Root of Graph, known once the server listens. */
  set root(url: string) {
    this.#root = url;
  }

  get root(): string {
    return this.#root;
  }

  /** @param path in key syntax, e.g. `users('…')/mailFolders('…')/messages` */
  page(path: string, parameter: '$skiptoken' | '$deltatoken', token: object): string {
    return `${this.#root}/v1.0/${path}?${parameter}=${this.seal(path, token)}`;
  }

  context(what: string): string {
    return `${this.#root}/v1.0/$metadata#${what}`;
  }

  seal(path: string, token: object): string {
    const text = Buffer.from(JSON.stringify(token));
    return Buffer.concat([this.#mac(path, text), text]).toString('base64url');
  }

  /** @throws GraphError when the token was not made for this path */
  open<Token>(path: string, sealed: string): Token {
    const bytes = Buffer.from(sealed, 'base64url');
    const text = bytes.subarray(MAC_BYTES);
    if (bytes.length <= MAC_BYTES || !timingSafeEqual(bytes.subarray(0, MAC_BYTES), this.#mac(path, text))) {
      throw badRequest('Badly formed token.', 'SyncStateInvalid');
    }
    return JSON.parse(text.toString('utf8')) as Token;
  }

  #mac(path: string, text: Buffer): Buffer {
    return createHmac('sha256', this.#key).update(path).update('\n').update(text).digest().subarray(0, MAC_BYTES);
  }
}
