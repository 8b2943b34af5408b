import { Failure } from './failure.ts';

const MAX_NAME_LENGTH = 255;

/**
 * The name that people give to a job, a tenant connection or a repository, as it is stored: trimmed, Unicode NFC, 1–255
 * characters, without control characters (they would end up in mail headers).
 * @throws Failure `invalid-input` with `where.field = 'name'`.
 */
export function parseName(text: string): string {
  const name = text.normalize('NFC').trim();
  const refuse = (message: string, hint: string) =>
    new Failure('invalid-input', { code: 'name.invalid', message, hint, retry: 'never', where: { field: 'name' } });
  if (name.length === 0) throw refuse('The name is empty.', 'Give it a name.');
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
