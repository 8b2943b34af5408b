import {
  DEFAULT_BACKUP_EXTRAS,
  DEFAULT_CHANGE_TRACKING,
  DEFAULT_PRIORITY,
  DEFAULT_TRANSPORTER_LOAD,
  Failure,
  MAX_TRANSPORTER_LOAD,
  parseName,
  type Priority,
} from '@backhaul/domain';
import { z } from 'zod';

const MAX_OBJECTS = 10_000;

/** A name by the domain's rule, so that there is one rule. */
const name = z.string().transform((text, context) => {
  try {
    return parseName(text);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    context.addIssue({ code: 'custom', message: `${error.message} ${error.hint ?? ''}`.trim() });
    return z.NEVER;
  }
});

const priorityMessage = 'must be a whole number from 1 (highest) to 5';
const priority = z
  .int(priorityMessage)
  .min(1, priorityMessage)
  .max(5, priorityMessage)
  .transform((value) => value as Priority)
  .describe('1 is the highest. Live: takes effect on a running run within seconds.');

const loadMessage = `must be a whole number from 1 to ${MAX_TRANSPORTER_LOAD}, or null for no limit`;
const transporterLoad = z
  .int(loadMessage)
  .min(1, loadMessage)
  .max(MAX_TRANSPORTER_LOAD, loadMessage)
  .nullable()
  .describe('At most this many tasks of the job run at once, over all Transporters; null: no job limit. Live.');

const changeTracking = z
  .strictObject({
    mode: z.enum(['microsoft', 'proprietary', 'full'], 'must be "microsoft", "proprietary" or "full"'),
    onError: z.enum(['switch-to-proprietary', 'fail-object'], 'must be "switch-to-proprietary" or "fail-object"'),
  })
  .describe('How changes are found. From the next run on.');

const itemKinds = z
  .array(z.enum(['mail', 'contacts', 'calendar'], 'must be "mail", "contacts" or "calendar"'))
  .min(1, 'must name at least one kind')
  .refine((kinds) => new Set(kinds).size === kinds.length, 'must name each kind once')
  .describe('What of each mailbox is protected; of a OneDrive it is always the files. From the next run on.');

const include = z
  .strictObject({
    recoverableItems: z
      .boolean()
      .default(DEFAULT_BACKUP_EXTRAS.recoverableItems)
      .describe('Of mailboxes also what was deleted for good and can still be recovered; large and ever changing.'),
    fileVersions: z
      .boolean()
      .default(DEFAULT_BACKUP_EXTRAS.fileVersions)
      .describe('Of files also earlier versions: one request for each changed file and each version not stored yet.'),
    filePermissions: z
      .boolean()
      .default(DEFAULT_BACKUP_EXTRAS.filePermissions)
      .describe('Of files and folders also who may use them: five resource units for each shared one.'),
  })
  .describe('What is covered beside the items as they are. From the next run on.');

const id = z.uuid('must be an id (UUID)');
const objectIds = z
  .array(id)
  .min(1, 'must name at least one object')
  .max(MAX_OBJECTS, `must name at most ${MAX_OBJECTS} objects`)
  .describe('Ids from the inventory. From the next run on.');

/** A new job. */
export const NewJobRequest = z.strictObject({
  name: name.describe('1–255 characters, no control characters, unique without regard to case.'),
  tenantId: id,
  repositoryId: id,
  objectIds,
  priority: priority.default(DEFAULT_PRIORITY),
  transporterLoad: transporterLoad.default(DEFAULT_TRANSPORTER_LOAD),
  changeTracking: changeTracking.default(DEFAULT_CHANGE_TRACKING),
  itemKinds: itemKinds.default(['mail', 'contacts', 'calendar']),
  include: include.default(DEFAULT_BACKUP_EXTRAS),
});
export type NewJob = z.output<typeof NewJobRequest>;

/** What may be changed of a job; what is absent stays. The tenant of a job stays for good. */
export const JobChangeRequest = z
  .strictObject({
    name: name.optional(),
    repositoryId: id.optional(),
    objectIds: objectIds.optional(),
    priority: priority.optional(),
    transporterLoad: transporterLoad.optional(),
    changeTracking: changeTracking.optional(),
    itemKinds: itemKinds.optional(),
    include: include.optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'must change something');
export type JobChange = z.output<typeof JobChangeRequest>;
