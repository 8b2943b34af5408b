import type { ProblemEntries } from './problem-entry.ts';

/** What can be wrong with jobs, runs, points, restores and Transporters. */
export const PROTECTION_PROBLEMS: ProblemEntries = {
  'job.not-found': ['not-found', 'There is no such job.', 'List the jobs.'],
  'job.name-taken': ['conflict', 'There is a job of this name; case does not count.', 'Choose another name.'],
  'job.has-history': [
    'conflict',
    'The job has run; its runs and points belong to it.',
    'Keep it; rename it or change what it protects.',
  ],
  'run.not-found': ['not-found', 'There is no such run.', 'List the runs.'],
  'run.already-active': [
    'conflict',
    'A run of this job is active; `where.runId` names it.',
    'Wait for its end, or stop it.',
  ],
  'run.scope-invalid': [
    'invalid-input',
    'The scope is empty or names an object that the job does not protect.',
    'Choose objects of the job, or all of them.',
  ],
  'run.ended': ['conflict', 'The run has ended already; there is nothing to stop.', 'Start a new run.'],
  'run.not-ended': ['conflict', 'The run has not ended yet.', 'Wait for its end, or stop it.'],
  'run.nothing-to-retry': [
    'invalid-input',
    'No object of the run failed or was cancelled, or the job no longer protects them.',
    'Start a new run of the job.',
  ],
  'task.not-found': ['not-found', 'There is no such task.', 'List the tasks of the run.'],
  'object.not-found': ['not-found', 'The object is not in the inventory.', 'Refresh the inventory of the tenant.'],
  'point.not-found': ['not-found', 'There is no such recovery point.', 'List the points of the object.'],
  'folder.not-found': ['not-found', 'The point has no such folder.', 'List the folders of the point.'],
  'item.not-found': ['not-found', 'The point has no such item.', 'List the items of a folder of the point.'],
  'item.never-read': [
    'not-found',
    'Microsoft never let any version of this item be read; there is nothing to download.',
    'Read the item itself: it says why. Try an older or a later point.',
  ],
  'attachment.not-found': [
    'not-found',
    'The item has no attachment of this index, or it is a link to a file in the cloud.',
    'Read the item: it lists its attachments.',
  ],
  'version.not-found': ['not-found', 'The point has no such version of the file.', 'Read the item: it lists them.'],
  'content.range-outside': [
    'invalid-input',
    'The header `Range` asks for bytes behind the end; `where.length` is how many there are.',
    'Ask for bytes that are there, or leave out the header.',
  ],
  'comparison.too-many-changes': [
    'invalid-input',
    'The two points differ in more folders and items than a comparison lists.',
    'Compare points that lie closer together.',
  ],
  'restore.permission-missing': [
    'permission-missing',
    'The application may not write into mailboxes of the tenant; `where.permission` names what it lacks.',
    'Add the permission in Entra, grant admin consent, test the tenant connection.',
  ],
  'transporter.not-found': ['not-found', 'There is no such Transporter.', 'List the Transporters.'],
  'transporter.invalid': [
    'invalid-input',
    'Name or public key of a Transporter that wants to join is not valid.',
    'Correct the field that errors names.',
  ],
  'transporter.enrolled-already': [
    'conflict',
    'A Transporter of this name or key is enrolled.',
    'Choose another name or make a new key pair.',
  ],
  'join-token.invalid': [
    'unauthenticated',
    'The join token is unknown, used or expired.',
    'Ask an administrator for a new one.',
  ],
};
