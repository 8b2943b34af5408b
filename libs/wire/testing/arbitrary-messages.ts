import fc, { type Arbitrary } from 'fast-check';
import {
  COLLISION_RULES,
  ITEM_KINDS,
  OBJECT_KINDS,
  noCounts,
  type FailureKind,
  type FailureRecord,
  type ItemIssue,
  type PointSummary,
  type ProtectedObject,
  type RestoreWork,
  type TaskCounts,
  type TaskProgress,
  type TaskResult,
  type TaskSpec,
} from '@backhaul/domain';
import type { Control, LeaseValue, Loan, LoanReply, LoanRequest, TaskMessage, Want } from '../src/index.ts';

/** Any message that can be sent, for properties. */

const ids = fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/);
const texts = fc.string({ unit: 'grapheme', maxLength: 60 });
const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
const counts64 = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const counts32 = fc.nat({ max: 0xffff_ffff });
const fences = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const times = fc
  .date({ min: new Date('2000-01-01T00:00:00Z'), max: new Date('2100-01-01T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString());
const itemKinds = fc.uniqueArray(fc.constantFrom(...ITEM_KINDS));

/** A record some of whose optional keys are absent, never undefined. */
function withOptional<Always extends object, Maybe extends object>(
  always: { [Key in keyof Always]: Arbitrary<Always[Key]> },
  maybe: { [Key in keyof Maybe]: Arbitrary<NonNullable<Maybe[Key]>> },
): Arbitrary<Always & Partial<Maybe>> {
  return fc
    .tuple(fc.record(always), fc.record(maybe, { requiredKeys: [] }))
    .map(([required, optional]) => ({ ...required, ...optional }) as Always & Partial<Maybe>);
}

const FAILURE_KINDS: Record<FailureKind, true> = {
  'invalid-input': true,
  unauthenticated: true,
  forbidden: true,
  'permission-missing': true,
  'not-found': true,
  conflict: true,
  precondition: true,
  unreachable: true,
  throttled: true,
  unavailable: true,
  'timed-out': true,
  expired: true,
  cancelled: true,
  'lease-lost': true,
  stale: true,
  unreadable: true,
  quota: true,
  'no-space': true,
  'not-writable': true,
  'wrong-key': true,
  'unsupported-format': true,
  corrupt: true,
  internal: true,
};

const failures: Arbitrary<FailureRecord> = withOptional(
  {
    kind: fc.constantFrom(...(Object.keys(FAILURE_KINDS) as FailureKind[])),
    code: words,
    message: texts,
    retry: fc.constantFrom('now' as const, 'later' as const, 'never' as const),
  },
  {
    hint: texts,
    where: fc
      .dictionary(
        words.filter((word) => word !== '__proto__'),
        texts,
        { minKeys: 1, maxKeys: 4 },
      )
      .map((entries) => ({ ...entries })),
  },
);

const counts: Arbitrary<TaskCounts> = fc.record(
  Object.fromEntries(Object.keys(noCounts()).map((name) => [name, counts64])) as Record<
    keyof TaskCounts,
    typeof counts64
  >,
);

const objects: Arbitrary<ProtectedObject> = fc.record({
  id: ids,
  tenantId: ids,
  kind: fc.constantFrom(...OBJECT_KINDS),
  externalId: words,
  displayName: texts,
  address: texts,
});

const backupWork: Arbitrary<TaskSpec['work']> = fc.record({
  type: fc.constant('backup' as const),
  jobId: ids,
  kinds: itemKinds,
  changeTracking: fc.record({
    mode: fc.constantFrom('microsoft' as const, 'proprietary' as const, 'full' as const),
    onError: fc.constantFrom('switch-to-proprietary' as const, 'fail-object' as const),
  }),
  forceFull: fc.boolean(),
  include: fc.record({ recoverableItems: fc.boolean(), fileVersions: fc.boolean(), filePermissions: fc.boolean() }),
});

const restoreWork: Arbitrary<RestoreWork> = fc.record({
  type: fc.constant('restore' as const),
  restoreId: ids,
  source: fc.record({ jobId: ids, objectId: ids, sequence: counts64 }),
  selection: fc.oneof(
    fc.record({ type: fc.constant('all' as const), kinds: itemKinds }),
    fc.record({ type: fc.constant('folders' as const), folderIds: fc.array(words, { maxLength: 5 }) }),
    fc.record({
      type: fc.constant('items' as const),
      items: fc.array(fc.record({ folderId: words, itemId: words }), { maxLength: 5 }),
    }),
  ),
  placement: fc.oneof(
    fc.constant({ type: 'original' as const }),
    fc.record({ type: fc.constant('new-folder' as const), name: words }),
  ),
  collision: fc.constantFrom(...COLLISION_RULES),
  include: fc.record({ fileVersions: fc.boolean(), filePermissions: fc.boolean() }),
});

export const taskMessages: Arbitrary<TaskMessage> = fc.record({
  spec: fc.record({
    taskId: ids,
    runId: ids,
    laneId: ids,
    object: objects,
    repositoryId: ids,
    work: fc.oneof(backupWork, restoreWork),
  }),
  fence: fences,
  slot: counts32,
  leaseRevision: fences,
  earlierAttempts: counts32,
  transporterId: ids,
  boot: ids,
});

const issues: Arbitrary<ItemIssue> = fc.record({
  itemId: texts,
  folderPath: texts,
  result: fc.constantFrom('skipped' as const, 'degraded' as const, 'failed' as const),
  failure: failures,
});

const points: Arbitrary<PointSummary> = fc.record({
  jobId: ids,
  objectId: ids,
  sequence: counts64,
  fence: fences,
  status: fc.constantFrom('complete' as const, 'incomplete' as const),
  kinds: itemKinds,
  createdAt: times,
  itemCount: counts64,
  bytesTotal: counts64,
  bytesNew: counts64,
});

export const resultMessages: Arbitrary<TaskResult> = withOptional(
  {
    taskId: ids,
    fence: fences,
    outcome: fc.constantFrom(
      'succeeded' as const,
      'warning' as const,
      'failed' as const,
      'cancelled' as const,
      'yielded' as const,
      'refused' as const,
    ),
    counts,
    issues: fc.array(issues, { maxLength: 5 }),
  },
  { failure: failures, point: points, notBeforeMs: counts64, leaseRevision: counts64 },
);

export const progressEvents: Arbitrary<TaskProgress> = withOptional(
  {
    taskId: ids,
    fence: fences,
    phase: fc.constantFrom(
      'starting' as const,
      'listing' as const,
      'transferring' as const,
      'committing' as const,
      'waiting' as const,
    ),
    counts,
    at: times,
  },
  { itemsExpected: counts64 },
);

export const wantMessages: Arbitrary<Want> = fc.record({
  transporterId: ids,
  boot: ids,
  freeSlots: counts32,
  slots: counts32,
  repositories: fc.oneof(fc.constant('any' as const), fc.array(ids, { maxLength: 5 })),
  draining: fc.boolean(),
  version: texts,
  running: fc.array(fc.record({ taskId: ids, fence: fences }), { maxLength: 5 }),
});

export const controlMessages: Arbitrary<Control> = fc.oneof(
  fc.record({ type: fc.constant('cancel' as const), taskId: ids, fence: fences }),
  fc.record({ type: fc.constant('yield' as const), taskId: ids, fence: fences, reason: texts }),
  fc.constant({ type: 'drain' as const }),
);

export const loanRequests: Arbitrary<LoanRequest> = fc.record({
  taskId: ids,
  fence: fences,
  boot: ids,
  tokenRefused: fc.boolean(),
});

export const loanReplies: Arbitrary<LoanReply> = fc.oneof(
  fc.record({ granted: fc.constant(true as const), sealedLoan: words }),
  fc.record({ granted: fc.constant(false as const), reason: texts }),
);

export const loans: Arbitrary<Loan> = fc.record({
  graph: fc.record({ accessToken: words, expiresAt: times, root: words, linkHosts: fc.array(texts, { maxLength: 3 }) }),
  repository: fc.record({
    location: fc.record({ type: fc.constant('disk' as const), folder: words }),
    keys: fc.record({ repositoryId: ids, masterKey: words }),
  }),
  jobName: texts,
  tenantName: texts,
});

export const leaseValues: Arbitrary<LeaseValue> = fc.record({
  state: fc.constantFrom(
    'reserved' as const,
    'claimed' as const,
    'cancel' as const,
    'tombstone' as const,
    'released' as const,
  ),
  fence: fences,
  taskId: ids,
  transporterId: ids,
  boot: ids,
});
