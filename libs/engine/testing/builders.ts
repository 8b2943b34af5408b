import { DEFAULT_BACKUP_EXTRAS, type BackupWork, type ProtectedObject, type RestoreWork } from '@backhaul/domain';
import type { ObjectTask } from '@backhaul/repository';
import type { Clock } from '@backhaul/domain';
import type { Recipient, SourceAttachment } from '../src/mail-source.ts';
import type { WorkContext } from '../src/work.ts';

/** A mailbox as tasks refer to it. */
export function mailboxObject(overrides: Partial<ProtectedObject> = {}): ProtectedObject {
  return {
    id: 'object-1',
    tenantId: 'tenant-1',
    kind: 'mailbox',
    externalId: 'user-1',
    displayName: 'Ada Lovelace',
    address: 'ada@example.com',
    ...overrides,
  };
}

/** A task of a backup; a fence that is not given counts up with the task. */
export function objectTask(overrides: Partial<ObjectTask> = {}): ObjectTask {
  return {
    chain: { jobId: 'job-1', objectId: 'object-1' },
    object: mailboxObject(),
    jobName: 'Mail every night',
    tenantName: 'Example',
    taskId: 'task-1',
    runId: 'run-1',
    fence: 1,
    ...overrides,
  };
}

/** A backup of mail with Microsoft's change tracking. */
export function backupWork(overrides: Partial<BackupWork> = {}): BackupWork {
  return {
    type: 'backup',
    jobId: 'job-1',
    kinds: ['mail'],
    include: { ...DEFAULT_BACKUP_EXTRAS },
    changeTracking: { mode: 'microsoft', onError: 'switch-to-proprietary' },
    forceFull: false,
    ...overrides,
  };
}

/** A restore of everything to its original place that skips what is there. */
export function restoreWork(overrides: Partial<RestoreWork> = {}): RestoreWork {
  return {
    type: 'restore',
    restoreId: 'restore-1',
    source: { jobId: 'job-1', objectId: 'object-1', sequence: 1 },
    selection: { type: 'all', kinds: [] },
    placement: { type: 'original' },
    collision: 'skip',
    include: { filePermissions: false, fileVersions: false },
    ...overrides,
  };
}

/** A clock that goes on by itself: whoever sleeps is woken at once, and the time has passed. */
export function eagerClock(start = '2026-01-01T00:00:00Z'): Clock {
  let passedMs = 0;
  return {
    now: () => new Date(Date.parse(start) + passedMs),
    monotonicMs: () => passedMs,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      passedMs += ms;
    },
  };
}

/** A context that holds its lease, is never asked to yield, and reports to nobody. */
export function workContext(overrides: Partial<WorkContext> = {}): WorkContext {
  return {
    clock: eagerClock(),
    signal: new AbortController().signal,
    checkLease: () => undefined,
    shouldYield: () => null,
    onProgress: () => undefined,
    ...overrides,
  };
}

/** `recipient('Ada <ada@example.com>')` or `recipient('ada@example.com')`. */
export function recipient(text: string): Recipient {
  const match = /^(.*?)\s*<(.+)>$/.exec(text);
  return {
    emailAddress: match === null ? { name: '', address: text } : { name: match[1] ?? '', address: match[2] ?? '' },
  };
}

/** A file attached to a message. */
export function fileAttachment(overrides: Partial<SourceAttachment> = {}): SourceAttachment {
  return {
    kind: 'file',
    name: 'notes.bin',
    contentType: 'application/octet-stream',
    contentId: '',
    isInline: false,
    content: Buffer.from('attached bytes'),
    ...overrides,
  };
}
