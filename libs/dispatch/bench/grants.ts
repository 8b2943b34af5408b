import { parseArgs } from 'node:util';
import { startNats } from '@backhaul/local-servers';
import { claimLease, reserveSlot } from '../src/index.ts';
import { newFence, offer, taskResult, taskSpec } from '../testing/builders.ts';
import { openNatsDispatch } from '../testing/nats-under-test.ts';

/**
 * How many grants a second dispatch can carry over a real nats-server, without PostgreSQL and scheduler: reserve, offer,
 * claim, report, accept, with every slot granted again at once.
 *
 *     node --conditions=@backhaul/source bench/grants.ts [--seconds 10] [--transporters 10] [--slots 5] [--durable]
 *
 * `--durable` flushes every write to disk before it is acknowledged (`sync_interval: always`).
 */
const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    transporters: { type: 'string', default: '10' },
    slots: { type: 'string', default: '5' },
    durable: { type: 'boolean', default: false },
  },
});

const server = await startNats({ durable: options.durable });
const dispatch = await openNatsDispatch(server, { leaseTimeMs: 30_000 });
const { director, clock } = dispatch;
const stop = new AbortController();
const accepted = new Map<number, () => void>();
const latenciesMs: number[] = [];
/** Kept on the side of the bench: when an offer was sent, and the revision at which it was claimed. */
const offeredAtMs = new Map<number, number>();
const claimedAt = new Map<number, number>();
let grants = 0;

const ids = Array.from({ length: Number(options.transporters) }, (_, n) => `transporter-${n}`);
for (const id of ids) {
  const transporter = await dispatch.transporter(id, 'boot-1');
  await director.offers.ensureInbox(id, 'boot-1');
  for (let slot = 0; slot < Number(options.slots); slot += 1) void take(transporter);
}
void director.results.consume(async ({ fence }) => {
  accepted.get(fence)?.();
  accepted.delete(fence);
}, stop.signal);
const startedMs = clock.monotonicMs();
const lanes = ids.flatMap((id, n) =>
  Array.from({ length: Number(options.slots) }, (_, slot) => grantAgainAndAgain(id, `lane-${n}`, slot)),
);
await clock.sleep(Number(options.seconds) * 1_000);
const seconds = (clock.monotonicMs() - startedMs) / 1_000;
const report = { grants, perSecond: Math.round(grants / seconds), offerToClaimMs: percentiles(latenciesMs) };
console.log(JSON.stringify({ ...options, server: server.version, node: process.version, ...report }));
stop.abort();
await Promise.allSettled(lanes.map((lane) => Promise.race([lane, clock.sleep(500)])));
await dispatch.close();
await server.stop();
process.exit(0);

/** One slot of a lane: the next grant as soon as the last one's result was accepted. */
async function grantAgainAndAgain(transporterId: string, laneId: string, slot: number): Promise<void> {
  let revision = 0;
  while (!stop.signal.aborted) {
    const spec = taskSpec({ laneId });
    const draft = offer({ spec, slot, transporterId, fence: newFence() });
    const { fence, boot } = draft;
    const reservation = await reserveSlot({
      leases: director.leases,
      key: { laneId, slot },
      reservation: { fence, taskId: spec.taskId, transporterId, boot },
      knownRevision: revision,
      isRunning: () => false,
    });
    if (!reservation.reserved) throw new Error('Two grants met in one slot.');
    const isAccepted = new Promise<void>((resolve) => accepted.set(fence, resolve));
    offeredAtMs.set(fence, clock.monotonicMs());
    await director.offers.send({ ...draft, leaseRevision: reservation.revision }, 3);
    await isAccepted;
    revision = claimedAt.get(fence) ?? 0;
    claimedAt.delete(fence);
    grants += 1;
  }
}

/** One slot of a Transporter, with work that is done at once. */
async function take(transporter: Awaited<ReturnType<typeof dispatch.transporter>>): Promise<void> {
  while (!stop.signal.aborted) {
    const received = await transporter.offers.next(1_000, stop.signal).catch(() => null);
    if (received === null) continue;
    const { fence, spec } = received.offer;
    const claim = await claimLease(received.offer, received.receivedAtMs, {
      leases: transporter.leases,
      clock,
      signal: stop.signal,
    });
    if (claim.outcome !== 'claimed') throw new Error(`Not claimed: ${claim.outcome}.`);
    latenciesMs.push(clock.monotonicMs() - (offeredAtMs.get(fence) ?? 0));
    offeredAtMs.delete(fence);
    claimedAt.set(fence, claim.revision);
    await transporter.results.send(taskResult({ fence, taskId: spec.taskId }), stop.signal).catch(() => undefined);
  }
}

function percentiles(samples: number[]): Record<'p50' | 'p95' | 'p99', number> {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round((sorted[Math.floor(sorted.length * share)] ?? 0) * 10) / 10;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
