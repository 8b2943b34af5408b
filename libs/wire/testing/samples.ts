import { noCounts, type TaskResult, type TaskSpec } from '@backhaul/domain';
import type { Control, LeaseValue, Loan, LoanReply, LoanRequest, TaskMessage, Want } from '../src/index.ts';
import type { TaskProgress } from '@backhaul/domain';

/** One realistic message of each form, with every optional part, by `<message>` or `<message>-<form>`. */

const taskId = '0199b1a0-5c3e-7d10-9f5a-2b1e6c0d4f01';
const runId = '0199b1a0-5c3e-7d10-9f5a-2b1e6c0d4f02';
const jobId = '0199b1a0-5c3e-7d10-9f5a-2b1e6c0d4f03';
const objectId = '0199b1a0-5c3e-7d10-9f5a-2b1e6c0d4f04';
const repositoryId = '0199b1a0-5c3e-7d10-9f5a-2b1e6c0d4f05';
const restoreId = '0199b1a0-5c3e-7d10-9f5a-2b1e6c0d4f06';
const transporterId = 'transporter-north';
const boot = 'b7QmX2';

const spec: TaskSpec = {
  taskId,
  runId,
  laneId: jobId,
  object: {
    id: objectId,
    tenantId: '0199b1a0-5c3e-7d10-9f5a-2b1e6c0d4f07',
    kind: 'mailbox',
    externalId: '48d31887-5fad-4d73-a9f5-3c356e68a038',
    displayName: 'Mégane Öztürk',
    address: 'megane@contoso.example',
  },
  repositoryId,
  work: {
    type: 'backup',
    jobId,
    kinds: ['mail', 'contacts', 'calendar', 'files'],
    changeTracking: { mode: 'microsoft', onError: 'switch-to-proprietary' },
    forceFull: true,
    include: { recoverableItems: true, fileVersions: true, filePermissions: true },
  },
};

const restoreSpec: TaskSpec = {
  ...spec,
  laneId: restoreId,
  work: {
    type: 'restore',
    restoreId,
    source: { jobId, objectId, sequence: 42 },
    selection: { type: 'items', items: [{ folderId: 'AAMkAGI2', itemId: 'AAMkAGI2THVSAAA=' }] },
    placement: { type: 'new-folder', name: 'Restored 2026-11-25' },
    collision: 'keep-both',
    include: { fileVersions: true, filePermissions: true },
  },
};

const offer = {
  fence: 4711,
  slot: 2,
  leaseRevision: 3 * 2 ** 40 + 17,
  earlierAttempts: 1,
  transporterId,
  boot,
};

const counts = {
  ...noCounts(),
  itemsTotal: 3_000,
  itemsNew: 90,
  itemsChanged: 30,
  itemsMoved: 7,
  itemsDeleted: 12,
  itemsSkipped: 1,
  itemsFailed: 2,
  itemsRestored: 3,
  itemsDegraded: 4,
  bytesRead: 412_345_678,
  bytesStored: 123_456_789,
  requests: 1_234,
  throttledMs: 30_000,
};

const failure = {
  kind: 'unreadable' as const,
  code: 'm365.item-blocked',
  message: 'Microsoft blocks this message as malware.',
  retry: 'never' as const,
  hint: 'Nothing to do; the message is listed as skipped.',
  where: { itemId: 'AAMkAGI2THVSAAA=' },
};

const result: TaskResult = {
  taskId,
  fence: 4711,
  outcome: 'warning',
  counts,
  issues: [{ itemId: 'AAMkAGI2THVSAAA=', folderPath: 'Inbox/Projects', result: 'skipped', failure }],
  failure,
  point: {
    jobId,
    objectId,
    sequence: 43,
    fence: 4711,
    status: 'complete',
    kinds: ['mail'],
    createdAt: '2026-11-25T04:05:06.789Z',
    itemCount: 3_000,
    bytesTotal: 412_345_678,
    bytesNew: 123_456_789,
  },
  notBeforeMs: 60_000,
  leaseRevision: 3 * 2 ** 40 + 21,
};

const progress: TaskProgress = {
  taskId,
  fence: 4711,
  phase: 'transferring',
  counts,
  itemsExpected: 3_000,
  at: '2026-11-25T04:05:06.789Z',
};

const want: Want = {
  transporterId,
  boot,
  freeSlots: 3,
  slots: 4,
  repositories: [repositoryId],
  draining: true,
  version: '0.1.0',
  running: [{ taskId, fence: 4711 }],
};

const loan: Loan = {
  graph: {
    accessToken: 'not-a-real-token',
    expiresAt: '2026-11-25T05:05:06Z',
    root: 'https://graph.microsoft.com',
    linkHosts: ['outlook.office.com'],
  },
  repository: {
    location: { type: 'disk', folder: '/srv/backhaul/repository' },
    keys: { repositoryId, masterKey: 'not-a-real-key' },
  },
  jobName: 'All mailboxes',
  tenantName: 'Contoso',
};

const taskBackup: TaskMessage = { ...offer, spec };
const taskRestore: TaskMessage = { ...offer, spec: restoreSpec };
const wantAny: Want = { ...want, repositories: 'any' };
const controlCancel: Control = { type: 'cancel', taskId, fence: 4711 };
const controlYield: Control = { type: 'yield', taskId, fence: 4711, reason: 'A restore of this mailbox waits.' };
const controlDrain: Control = { type: 'drain' };
const loanRequest: LoanRequest = { taskId, fence: 4711, boot, tokenRefused: false };
const loanRequestTokenRefused: LoanRequest = { ...loanRequest, tokenRefused: true };
const loanReplyGranted: LoanReply = { granted: true, sealedLoan: 'eyJhbGciOiJFQ0RILUVTIn0..aXY.Y2lwaGVy.dGFn' };
const loanReplyRefused: LoanReply = { granted: false, reason: 'This attempt does not run.' };
const lease: LeaseValue = { state: 'claimed', fence: 4711, taskId, transporterId, boot };

export const samples = {
  'task-backup': taskBackup,
  'task-restore': taskRestore,
  result,
  progress,
  want,
  'want-any': wantAny,
  'control-cancel': controlCancel,
  'control-yield': controlYield,
  'control-drain': controlDrain,
  'loan-request': loanRequest,
  'loan-request-token-refused': loanRequestTokenRefused,
  'loan-reply-granted': loanReplyGranted,
  'loan-reply-refused': loanReplyRefused,
  loan,
  lease,
};
