import {
  DEFAULT_BACKUP_EXTRAS,
  noCounts,
  Secret,
  type TaskProgress,
  type TaskResult,
  type TaskSpec,
} from '@backhaul/domain';
import type { LeaseValue, Loan, Offer, Want } from '../src/index.ts';

/** Valid things of which a test names only what matters. */

let nextFence = 1_000;

/** A fence that no other offer of this process has. */
export function newFence(): number {
  nextFence += 1;
  return nextFence;
}

export function taskSpec(changes: Partial<TaskSpec> = {}): TaskSpec {
  return {
    taskId: 'task-1',
    runId: 'run-1',
    laneId: 'lane-1',
    object: {
      id: 'object-1',
      tenantId: 'tenant-1',
      kind: 'mailbox',
      externalId: '48d31887-5fad-4d73-a9f5-3c356e68a038',
      displayName: 'Megan Bowen',
      address: 'megan@contoso.example',
    },
    repositoryId: 'repository-1',
    work: {
      type: 'backup',
      jobId: 'lane-1',
      kinds: ['mail'],
      changeTracking: { mode: 'microsoft', onError: 'switch-to-proprietary' },
      forceFull: false,
      include: DEFAULT_BACKUP_EXTRAS,
    },
    ...changes,
  };
}

export function offer(changes: Partial<Offer> = {}): Offer {
  return {
    spec: taskSpec(),
    fence: newFence(),
    slot: 0,
    leaseRevision: 1,
    earlierAttempts: 0,
    transporterId: 'north',
    boot: 'boot-1',
    ...changes,
  };
}

export function leaseValue(changes: Partial<LeaseValue> = {}): LeaseValue {
  return { state: 'claimed', fence: 1, taskId: 'task-1', transporterId: 'north', boot: 'boot-1', ...changes };
}

export function taskResult(changes: Partial<TaskResult> = {}): TaskResult {
  return { taskId: 'task-1', fence: newFence(), outcome: 'succeeded', counts: noCounts(), issues: [], ...changes };
}

export function taskProgress(changes: Partial<TaskProgress> = {}): TaskProgress {
  return {
    taskId: 'task-1',
    fence: 1,
    phase: 'transferring',
    counts: noCounts(),
    at: '2026-11-25T04:05:06.789Z',
    ...changes,
  };
}

export function want(changes: Partial<Want> = {}): Want {
  return {
    transporterId: 'north',
    boot: 'boot-1',
    freeSlots: 4,
    slots: 4,
    repositories: 'any',
    draining: false,
    version: '0.1.0',
    running: [],
    ...changes,
  };
}

export function loan(changes: Partial<Loan> = {}): Secret<Loan> {
  return new Secret<Loan>({
    graph: {
      accessToken: 'token-1',
      expiresAt: '2026-11-25T05:05:06Z',
      root: 'https://graph.microsoft.com',
      linkHosts: [],
    },
    repository: {
      location: { type: 'disk', folder: '/srv/repository' },
      keys: { repositoryId: 'repository-1', masterKey: 'key-1' },
    },
    jobName: 'All mailboxes',
    tenantName: 'Contoso',
    ...changes,
  });
}
