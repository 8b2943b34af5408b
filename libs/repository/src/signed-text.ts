import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { corrupt } from './corrupt.ts';

/** Objects that are read before the master key is known: `config` and key slots. Layout: FORMAT.md 4. */

/** The keys that sign; a part of the key ring, so that the ring is not needed to make the first object. */
export interface Signer {
  readonly repositoryId: Uint8Array;
  readonly auth: Uint8Array;
}

/** Three lines: the value as JSON, its checksum, its signature. */
export function signText(signer: Signer, name: string, value: unknown): Buffer {
  const body = JSON.stringify(value);
  return Buffer.from(`${body}\n${hash('sha256', body)}\n${signature(signer, name, body)}\n`);
}

/** The value, once its checksum has been compared; who wrote it is not proven. @throws Failure `corrupt`. */
export function readText(name: string, text: Uint8Array): unknown {
  const [body] = split(name, text);
  return JSON.parse(body) as unknown;
}

/** Proves that a holder of the master key wrote it under this name. @throws Failure `corrupt`. */
export function verifyText(signer: Signer, name: string, text: Uint8Array): void {
  const [body, signed] = split(name, text);
  if (!timingSafeEqual(Buffer.from(signed), Buffer.from(signature(signer, name, body)))) {
    throw corrupt(name, 'its signature is not of this repository');
  }
}

function split(name: string, text: Uint8Array): [body: string, signed: string] {
  const whole = Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString('latin1');
  const lines = /^([^\n]*)\n([0-9a-f]{64})\n([0-9a-f]{64})\n$/.exec(whole);
  if (lines === null) throw corrupt(name, 'it is not a signed text of three lines');
  const body = Buffer.from(lines[1]!, 'latin1');
  if (hash('sha256', body) !== lines[2]) throw corrupt(name, 'its checksum does not match');
  return [body.toString(), lines[3]!];
}

function signature(signer: Signer, name: string, body: string): string {
  return createHmac('sha256', signer.auth)
    .update('backhaul/1/signed\0')
    .update(signer.repositoryId)
    .update(`${name}\0${body}`)
    .digest('hex');
}
