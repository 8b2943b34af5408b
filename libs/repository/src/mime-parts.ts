import { decodeLines, isBase64, type LineLayout } from './base64-lines.ts';

/**
 * Finds the attachments of a MIME message that can be stored decoded: runs of base64 whose encoding is canonical, so that
 * encoding the decoded bytes again gives the very same characters. Everything else stays as it is. Nothing here trusts the
 * message to be well-formed.
 */

/** A run of canonical base64 lines at `start` … `end` of the message. */
export interface EncodedRun extends LineLayout {
  start: number;
  end: number;
  decoded: Buffer;
}

/** Shorter runs are not worth a chunk of their own (bytes of base64). */
const MIN_RUN = 1024;
const MAX_LINE = 1024;
const LF = 10;
const CR = 13;
/** As mail programs write it. Searched as bytes: a text of every message would cost more than the rest of this file. */
const SPELLINGS = ['base64', 'BASE64', 'Base64'].map((spelling) => Buffer.from(spelling));
const FIELD = /^content-transfer-encoding:[ \t]*$/i;
const LONGEST_FIELD = 64;

/** In order of their place, never overlapping. */
export function findEncodedRuns(message: Buffer): EncodedRun[] {
  const runs: EncodedRun[] = [];
  if (message.length < MIN_RUN) return runs;
  const next = SPELLINGS.map((spelling) => message.indexOf(spelling));
  for (;;) {
    const [marker, spelling] = first(next);
    if (marker === -1) return runs;
    const run = runAfter(message, marker);
    if (run !== null) runs.push(run);
    const from = run?.end ?? marker + SPELLINGS[spelling]!.length;
    next.forEach((at, index) => {
      if (at !== -1 && at < from) next[index] = message.indexOf(SPELLINGS[index]!, from);
    });
  }
}

/** The smallest place and whose it is; -1 when none is left. */
function first(places: number[]): [place: number, index: number] {
  let found = -1;
  places.forEach((place, index) => {
    if (place !== -1 && (found === -1 || place < places[found]!)) found = index;
  });
  return found === -1 ? [-1, 0] : [places[found]!, found];
}

/** The run below the header field whose value stands at `marker`, if it is that field and there is such a run. */
function runAfter(message: Buffer, marker: number): EncodedRun | null {
  const lineStart = message.lastIndexOf(LF, marker) + 1;
  if (marker - lineStart > LONGEST_FIELD || !FIELD.test(message.toString('latin1', lineStart, marker))) return null;
  const lineEnd = message.indexOf(LF, marker);
  if (lineEnd === -1) return null;
  const start = bodyStart(message, lineEnd + 1);
  return start === -1 ? null : runAt(message, start);
}

/** The first byte after the blank line that ends the header around `from`, or -1. */
function bodyStart(message: Buffer, from: number): number {
  for (let at = from; at < message.length;) {
    if (message[at] === LF) return at + 1;
    if (message[at] === CR && message[at + 1] === LF) return at + 2;
    const next = message.indexOf(LF, at);
    if (next === -1) return -1;
    at = next + 1;
  }
  return -1;
}

function runAt(message: Buffer, start: number): EncodedRun | null {
  const firstEol = message.indexOf(LF, start);
  if (firstEol === -1) return null;
  const lf = message[firstEol - 1] !== CR;
  const lineLength = firstEol - start - (lf ? 0 : 1);
  if (lineLength === 0 || lineLength % 4 !== 0 || lineLength > MAX_LINE) return null;
  const { at: end, endsWithEol } = runEnd(message, start, lineLength, lf ? 1 : 2);
  if (end - start < MIN_RUN) return null;
  const decoded = decodeLines(message.subarray(start, end), { lineLength, lf, endsWithEol });
  return decoded === null ? null : { start, end, decoded, lineLength, lf, endsWithEol };
}

/** Follows full lines, then takes the last, shorter one with its end of line. */
function runEnd(message: Buffer, start: number, lineLength: number, eol: number): { at: number; endsWithEol: boolean } {
  const step = lineLength + eol;
  let at = start;
  while (isFullLine(message, at, lineLength, eol)) at += step;
  let tail = at;
  while (tail < message.length && tail - at < lineLength && isBase64(message[tail]!)) tail += 1;
  if ((tail - at) % 4 !== 0) tail = at;
  if (tail === at) return { at, endsWithEol: at > start };
  const atEol = eol === 1 ? message[tail] === LF : message[tail] === CR && message[tail + 1] === LF;
  return atEol ? { at: tail + eol, endsWithEol: true } : { at: tail, endsWithEol: false };
}

function isFullLine(message: Buffer, at: number, lineLength: number, eol: number): boolean {
  const end = at + lineLength;
  if (end + eol > message.length) return false;
  if (message[end + eol - 1] !== LF || (eol === 2 && message[end] !== CR)) return false;
  // Decoding looks at every character; two are enough to follow the lines.
  return isBase64(message[at]!) && isBase64(message[end - 1]!);
}
