import type { Mismatch } from './demand.ts';
import type { FleetCensus } from './fleet.ts';

/** Why a task has not started; the first reason that applies, in this order. */
export type WaitReason =
  | { reason: 'unknown-task' }
  | { reason: 'running'; transporterId: string }
  | { reason: 'not-before'; untilMs: number }
  | { reason: 'object-busy'; taskId: string }
  | { reason: 'lane-unknown' }
  | { reason: 'lane-paused' }
  | { reason: 'lane-full'; running: number; limit: number }
  | ({ reason: 'no-transporter'; alone: boolean } & FleetCensus)
  | { reason: 'behind-in-lane' }
  | { reason: 'outranked'; laneId: string; effectivePriority: number; ownEffectivePriority: number }
  | { reason: 'starting' };

/** A sentence for people, without a full stop. `nowMs` is only needed for times. */
export function describeWait(wait: WaitReason, nowMs: number): string {
  switch (wait.reason) {
    case 'unknown-task':
      return 'not queued';
    case 'running':
      return `running on Transporter ${wait.transporterId}`;
    case 'not-before':
      return `waits ${Math.max(0, Math.ceil((wait.untilMs - nowMs) / 1000))} s before it may start`;
    case 'object-busy':
      return 'another task works on the same object';
    case 'lane-unknown':
      return 'its job or restore is not known yet';
    case 'lane-paused':
      return 'paused';
    case 'lane-full':
      return `${wait.running} running, limit ${wait.limit}${wait.running > wait.limit ? ', draining' : ''}`;
    case 'no-transporter':
      return describeCensus(wait);
    case 'behind-in-lane':
      return 'others of the same job or restore have waited longer';
    case 'outranked':
      return wait.effectivePriority < wait.ownEffectivePriority
        ? `lower priority (${wait.ownEffectivePriority}) than other work that waits (${wait.effectivePriority})`
        : 'other work of the same priority is to start first';
    case 'starting':
      return 'starts next';
  }
}

const MISMATCHES: Record<Mismatch, string> = {
  draining: 'drains',
  'other-pool': 'is in another pool',
  'repository-out-of-reach': 'does not reach the repository',
  excluded: 'refused it',
};

function describeCensus({ known, suitable, mismatched, alone }: FleetCensus & { alone: boolean }): string {
  if (known === 0) return 'no Transporter is connected';
  if (suitable > 0) return alone ? 'waits for a Transporter for itself' : 'no Transporter has a free slot';
  const reasons = Object.entries(mismatched).map(([reason, count]) => `${count} ${MISMATCHES[reason as Mismatch]}`);
  return `no Transporter can take it: ${reasons.join(', ')}`;
}
