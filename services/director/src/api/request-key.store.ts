import { createHmac } from 'node:crypto';
import { Secret, type Clock } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import { rows } from '../database/statement.ts';
import type { SealedValue, SecretBox } from '../secrets/secret-box.ts';

/** A request under an `Idempotency-Key`. Keys of different callers are different keys. */
export interface KeyedRequest {
  tokenId: string;
  key: string;
  /** Method and address with its query. */
  route: string;
  body: unknown;
}

/** What a request was answered with. */
export interface KeptAnswer {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/** What is known of a key that was used before. */
export type KnownRequest =
  /** It belongs to another request. */
  | { state: 'other' }
  /** The first one is at work, or was `lost`: it has not ended within two minutes. */
  | { state: 'open'; lost: boolean }
  | { state: 'answered'; answer: KeptAnswer };

export interface RequestKeyParts {
  database: DataSource;
  secrets: SecretBox;
  clock: Clock;
  /** Makes fingerprints of bodies, so that nobody who reads them can try passwords; the same in all Directors. */
  fingerprintKey: Buffer;
}

const SWEEP_EVERY_MS = 60 * 60_000;

/** Keys of requests with their answers, for 24 hours. Answers are sealed: some show a secret this once. */
export class RequestKeys {
  readonly #parts: RequestKeyParts;
  #sweptAtMs = -Infinity;

  constructor(parts: RequestKeyParts) {
    this.#parts = parts;
  }

  /** True when the key is free, or was used more than 24 hours ago: it is the caller's now. */
  async reserve(request: KeyedRequest): Promise<boolean> {
    await this.#sweep();
    const reserved = await rows(
      this.#parts.database,
      `insert into idempotency_keys as known (token_id, key, route, fingerprint) values ($1, $2, $3, $4)
       on conflict (token_id, key) do update
          set route = excluded.route, fingerprint = excluded.fingerprint, status = null, response = null, created_at = now()
        where known.created_at < clock_timestamp() - interval '24 hours'
       returning key`,
      [request.tokenId, request.key, request.route, this.#fingerprint(request)],
    );
    return reserved.length > 0;
  }

  /** What the key was used for; null when it is free again. */
  async find(request: KeyedRequest): Promise<KnownRequest | null> {
    const [found] = await rows<{
      isSame: boolean;
      isOld: boolean;
      status: number | null;
      response: SealedValue | null;
    }>(
      this.#parts.database,
      `select route = $3 and fingerprint = $4 as "isSame", status, response,
              created_at < clock_timestamp() - interval '2 minutes' as "isOld"
         from idempotency_keys where token_id = $1 and key = $2`,
      [request.tokenId, request.key, request.route, this.#fingerprint(request)],
    );
    if (found === undefined) return null;
    if (!found.isSame) return { state: 'other' };
    if (found.response === null) return { state: 'open', lost: found.isOld };
    const answer = JSON.parse(this.#parts.secrets.open(found.response, placeOf(request)).reveal()) as KeptAnswer;
    return { state: 'answered', answer };
  }

  /** Keeps the answer of a request that was reserved. */
  async keep(request: KeyedRequest, answer: KeptAnswer): Promise<void> {
    const sealed = this.#parts.secrets.seal(new Secret(JSON.stringify(answer)), placeOf(request));
    await rows(
      this.#parts.database,
      'update idempotency_keys set status = $3, response = $4 where token_id = $1 and key = $2',
      [request.tokenId, request.key, answer.status, sealed],
    );
  }

  /** Frees the key of a request that did nothing. */
  async free({ tokenId, key }: KeyedRequest): Promise<void> {
    await rows(this.#parts.database, 'delete from idempotency_keys where token_id = $1 and key = $2', [tokenId, key]);
  }

  async #sweep(): Promise<void> {
    const now = this.#parts.clock.monotonicMs();
    if (now - this.#sweptAtMs < SWEEP_EVERY_MS) return;
    this.#sweptAtMs = now;
    await rows(
      this.#parts.database,
      `delete from idempotency_keys where created_at < clock_timestamp() - interval '24 hours'`,
    );
  }

  #fingerprint({ body }: KeyedRequest): Buffer {
    return createHmac('sha256', this.#parts.fingerprintKey)
      .update(JSON.stringify(body ?? null))
      .digest();
  }
}

function placeOf({ tokenId, key }: KeyedRequest) {
  return { table: 'idempotency_keys', column: 'response', rowId: `${tokenId} ${key}` };
}
