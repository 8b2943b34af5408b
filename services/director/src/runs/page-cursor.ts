import { Failure } from '@backhaul/domain';

/** The position of a page's last row as opaque text. */
export function encodeCursor(position: string[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** The position in a cursor of `length` parts. @throws Failure `invalid-input` naming the field `after`. */
export function decodeCursor(cursor: string, length: number): string[] {
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(position) && position.length === length && position.every((part) => typeof part === 'string')) {
      return position;
    }
  } catch {
    // Falls through to the one answer for everything that is not a cursor of ours.
  }
  throw new Failure('invalid-input', {
    code: 'page.cursor-invalid',
    message: 'The cursor is not one that this list gave out.',
    hint: 'Use the value of "next" from the page before, unchanged.',
    retry: 'never',
    where: { field: 'after' },
  });
}
