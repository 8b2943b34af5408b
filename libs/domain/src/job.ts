import { Failure } from './failure.ts';

/** 1 is the highest; new jobs get 3. Restores outrank all backups (see {@link RESTORE_PRIORITY}). */
export type Priority = 1 | 2 | 3 | 4 | 5;
export const DEFAULT_PRIORITY: Priority = 3;

/** Where restores stand in the same order: before every backup. */
export const RESTORE_PRIORITY = 0;

/** At most this many tasks of a job run at the same time across all Transporters. Range 1–1000. */
export const DEFAULT_TRANSPORTER_LOAD = 3;
export const MAX_TRANSPORTER_LOAD = 1000;

/** How changes since the last point are found. Stage by stage more of it is honoured; stored and validated from the start. */
export type ChangeTrackingMode = 'microsoft' | 'proprietary' | 'full';
export type OnChangeTrackingError = 'switch-to-proprietary' | 'fail-object';

export interface ChangeTracking {
  mode: ChangeTrackingMode;
  onError: OnChangeTrackingError;
}
export const DEFAULT_CHANGE_TRACKING: ChangeTracking = { mode: 'microsoft', onError: 'switch-to-proprietary' };

/** What limits the number of tasks of a job at work; `null` is the explicit choice "no job limit". */
export type TransporterLoad = number | null;

const MAX_NAME_LENGTH = 255;

/**
 * A job's name as it is stored: trimmed, Unicode NFC, 1–255 characters, without control characters (they would end up in
 * mail headers). Throws `invalid-input` with `where.field = 'name'`.
 */
export function parseJobName(text: string): string {
  const name = text.normalize('NFC').trim();
  const refuse = (message: string, hint: string) =>
    new Failure('invalid-input', { code: 'job.name-invalid', message, hint, retry: 'never', where: { field: 'name' } });
  if (name.length === 0) throw refuse('The name is empty.', 'Give the job a name.');
  if ([...name].length > MAX_NAME_LENGTH) {
    throw refuse(`The name has more than ${MAX_NAME_LENGTH} characters.`, `Shorten it to ${MAX_NAME_LENGTH}.`);
  }
  if (/\p{Cc}|\p{Zl}|\p{Zp}/u.test(name)) {
    throw refuse('The name contains a control character.', 'Remove line breaks and other control characters.');
  }
  return name;
}

/** The form of a name by which uniqueness without regard to case is decided. */
export function foldName(name: string): string {
  // Some letters with accents are one character in lower case only, so the result is composed too.
  return name.normalize('NFC').toLowerCase().normalize('NFC');
}
