import sanitize from 'sanitize-filename';

/** What every file system of today takes for one name, in bytes of UTF-8. */
export const MAX_NAME_BYTES = 255;

/** Devices of Windows, with whatever extension and spaces behind them. */
const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)\s*(\.|$)/i;
/** Control characters, line and paragraph separators, and what turns the direction of writing or marks nothing visible. */
const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/gu;
/** An extension that is kept when a name is cut or numbered. */
const EXTENSION = /(?<=.)\.[\w-]{1,16}$/s;

/**
 * The names that are given away in one folder. Two names that some file system takes for the same (case, composition,
 * width, invisible characters) count as one.
 */
export class TakenNames {
  readonly #taken = new Set<string>();
  readonly #nextNumber = new Map<string, number>();

  /** `name`, or the first of `name (2)`, `name (3)` … that is free; it is taken then. `numbered` makes the name for a number. */
  take(name: string, numbered: (number: number) => string): string {
    const wanted = keyOf(name);
    if (!this.#taken.has(wanted)) return this.#give(name);
    for (let number = this.#nextNumber.get(wanted) ?? 2; ; number += 1) {
      const candidate = numbered(number);
      if (this.#taken.has(keyOf(candidate))) continue;
      this.#nextNumber.set(wanted, number + 1);
      return this.#give(candidate);
    }
  }

  #give(name: string): string {
    this.#taken.add(keyOf(name));
    return name;
  }
}

/**
 * A name for a file or folder that is one name on every file system, lies where it is put, and is not yet in `taken`; it is
 * added there. Nothing of path tricks, drive letters, devices, control characters or turned writing remains; what is left
 * says what the original said. At most `maxBytes` bytes of UTF-8 (at least 32), cut between characters before the extension.
 */
export function safeName(name: string, taken: TakenNames, maxBytes = MAX_NAME_BYTES): string {
  const visible = visibleName(name);
  const extension = EXTENSION.exec(visible)?.[0] ?? '';
  // The library cuts at 255 bytes wherever that is, so it gets the part that may be cut.
  const stem = sanitize(visible.slice(0, visible.length - extension.length), { replacement: '_' });
  const fitted = (suffix: string) => {
    const room = maxBytes - Buffer.byteLength(suffix) - Buffer.byteLength(extension);
    return `${withoutTrailing(cut(stem, room))}${suffix}${extension}`;
  };
  return taken.take(fitted(''), (number) => fitted(` (${number})`));
}

/** Without what nobody sees or writes on purpose; never empty, never a device. */
function visibleName(name: string): string {
  const spaced = name.toWellFormed().replaceAll('\ufffd', '_').normalize('NFC').replace(/\s/gu, ' ');
  const visible = withoutTrailing(spaced.replace(INVISIBLE, '')).trimStart();
  if (visible === '') return 'unnamed';
  return RESERVED.test(visible) ? `_${visible}` : visible;
}

/** Windows drops dots and spaces at the end, so that two names become one. */
function withoutTrailing(name: string): string {
  let end = name.length;
  while (end > 0 && (name[end - 1] === '.' || name[end - 1] === ' ')) end -= 1;
  return name.slice(0, end);
}

/** The longest beginning of `text` that has at most `maxBytes` bytes, between code points. */
function cut(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  let bytes = 0;
  let end = 0;
  for (const letter of text) {
    bytes += Buffer.byteLength(letter);
    if (bytes > maxBytes) break;
    end += letter.length;
  }
  return text.slice(0, end);
}

function keyOf(name: string): string {
  return name
    .normalize('NFKC')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '');
}
