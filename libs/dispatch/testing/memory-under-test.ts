import { FakeClock } from '@backhaul/domain/testing';
import type { Secret } from '@backhaul/domain';
import { createSealingKeys, memoryDispatch, type JsonWebKey } from '../src/index.ts';
import type { DispatchUnderTest } from './dispatch-under-test.ts';

/** The twin in memory, with a clock that stands still until it is moved. */
export async function openMemoryDispatch(): Promise<DispatchUnderTest> {
  const clock = new FakeClock();
  const leaseTimeMs = 30_000;
  const memory = memoryDispatch({ clock, leaseTimeMs });
  const enrolled = new Map<string, { privateKey: Secret<JsonWebKey>; publicKey: JsonWebKey }>();
  return {
    director: memory.director,
    async transporter(transporterId, boot) {
      const keys = enrolled.get(transporterId) ?? (await createSealingKeys());
      enrolled.set(transporterId, keys);
      return memory.transporter(transporterId, boot, keys.privateKey);
    },
    sealingKeyOf: async (transporterId) => enrolled.get(transporterId)?.publicKey ?? null,
    clock,
    leaseTimeMs,
    passTime: (ms) => clock.advance(ms),
    close: async () => undefined,
  };
}
