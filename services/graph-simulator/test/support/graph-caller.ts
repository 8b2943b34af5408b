import { Agent, request } from 'node:https';
import type { Simulator } from '@backhaul/graph-simulator';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  bytes: Buffer;
  /** The body as JSON; undefined when it is none. */

  json: any;
}

export interface Call {
  method?: string;
  headers?: Record<string, string>;
  body?: unknown;
  /** Hangs up when it is aborted. */
  signal?: AbortSignal;
}

/** A plain client of the simulator: nothing is retried, links are followed only when a test does so. */
export class GraphCaller {
  readonly #simulator: Simulator;
  readonly #agent: Agent;
  #token: string | null = null;

  constructor(simulator: Simulator) {
    this.#simulator = simulator;
    this.#agent = new Agent({ ca: simulator.caCertificate, keepAlive: true });
  }

  /** @param path after `/v1.0`, or an absolute link */
  async call(path: string, { method = 'GET', headers = {}, body, signal }: Call = {}): Promise<Answer> {
    this.#token ??= await this.token();
    const json = body !== undefined && typeof body !== 'string' && !Buffer.isBuffer(body);
    return this.raw(path.startsWith('https://') ? path : `${this.#simulator.graphUrl}/v1.0${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(json && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: json ? JSON.stringify(body) : body,
      ...(signal && { signal }),
    });
  }

  /** Follows nextLinks to the end; the entries of all pages, and the last page. */
  async all(path: string, call: Call = {}): Promise<{ value: any[]; last: any; pages: number }> {
    const value: unknown[] = [];
    let pages = 0;
    for (let next = path; ;) {
      const answer = await this.call(next, call);
      if (answer.status !== 200) throw new Error(`${answer.status} ${answer.bytes.toString()}`);
      value.push(...answer.json.value);
      pages++;
      if (answer.json['@odata.nextLink'] === undefined) return { value, last: answer.json, pages };
      next = answer.json['@odata.nextLink'];
    }
  }

  /** A new token of the first application, or of another one. */
  async token(clientId = this.#simulator.clientId, clientSecret = this.#simulator.clientSecret): Promise<string> {
    const answer = await this.form({
      client_id: clientId,
      client_secret: clientSecret,
      grant_type: 'client_credentials',
      scope: 'https://graph.microsoft.com/.default',
    });
    if (answer.status !== 200) throw new Error(answer.bytes.toString());
    return answer.json.access_token as string;
  }

  useToken(token: string | null): void {
    this.#token = token;
  }

  /** Posts to the token endpoint. */
  form(fields: Record<string, string>, tenant = this.#simulator.tenantId): Promise<Answer> {
    return this.raw(`${this.#simulator.loginUrl}/${tenant}/oauth2/v2.0/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
    });
  }

  raw(url: string, { method = 'GET', headers = {}, body, signal }: Call = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const bytes = body === undefined ? undefined : Buffer.isBuffer(body) ? body : Buffer.from(String(body));
      const length = bytes === undefined ? {} : { 'content-length': String(bytes.length) };
      const options = { method, agent: this.#agent, headers: { ...length, ...headers }, ...(signal && { signal }) };
      const outgoing = request(url, options, (incoming) => {
        const pieces: Buffer[] = [];
        incoming.on('data', (piece: Buffer) => pieces.push(piece));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const all = Buffer.concat(pieces);
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, bytes: all, json: parse(all) });
        });
      });
      outgoing.on('error', reject);
      outgoing.end(bytes);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}
