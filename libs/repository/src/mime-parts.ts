/**
 * Finds the attachments of a MIME message that can be stored decoded: runs of base64 whose encoding is canonical, so that
 * encoding the decoded bytes again gives the very same characters. Everything else stays as it is. Nothing here trusts the
 * message to be well-formed: a run is taken only when it has been encoded again and compared.
 */

/** A run of canonical base64 lines at `start` … `end` of the message. */
export interface EncodedRun {
  start: number;
  end: number;
  decoded: Buffer;
  /** Characters per line. */
  lineLength: number;
  /** Lines end with LF instead of CRLF. */
  lf: boolean;
  endsWithEol: boolean;
}

/** Shorter runs are not worth a chunk of their own (bytes of base64). */
const MIN_RUN = 1024;
const MAX_LINE = 1024;
const LF = 10;
const CR = 13;
const MARKER = /content-transfer-encoding:[ \t]*base64[ \t]*\r?\n/gi;

/** In order of their place, never overlapping. */
export function findEncodedRuns(message: Buffer): EncodedRun[] {
  const runs: EncodedRun[] = [];
  // Latin-1 keeps one character per byte, so places in the text are places in the message.
  const text = message.length >= MIN_RUN ? message.toString('latin1') : '';
  MARKER.lastIndex = 0;
  for (let marker = MARKER.exec(text); marker !== null; marker = MARKER.exec(text)) {
    const start = bodyStart(message, marker.index + marker[0].length);
    if (start === -1) break;
    const run = runAt(message, start);
    if (run === null) continue;
    runs.push(run);
    MARKER.lastIndex = run.end;
  }
  return runs;
}

/** Base64 of `decoded` in lines, as bytes. */
export function encodeRun(run: Pick<EncodedRun, 'decoded' | 'lineLength' | 'lf' | 'endsWithEol'>): Buffer {
  const { decoded, lineLength, lf, endsWithEol } = run;
  const eol = lf ? 1 : 2;
  const characters = Math.ceil(decoded.length / 3) * 4;
  const lines = Math.ceil(characters / lineLength);
  const out = Buffer.allocUnsafeSlow(characters + Math.max(0, lines - (endsWithEol ? 0 : 1)) * eol);
  const bytesPerLine = (lineLength / 4) * 3;
  let at = 0;
  for (let from = 0; from < decoded.length; from += bytesPerLine) {
    const to = Math.min(decoded.length, from + bytesPerLine);
    at += out.write(decoded.toString('base64', from, to), at, 'latin1');
    if (to === decoded.length && !endsWithEol) break;
    if (!lf) out[at++] = CR;
    out[at++] = LF;
  }
  return out;
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
  const eol = lf ? 1 : 2;
  const end = runEnd(message, start, lineLength, eol);
  if (end.at - start < MIN_RUN) return null;
  const decoded = Buffer.from(message.toString('latin1', start, end.at), 'base64');
  const run = { start, end: end.at, decoded, lineLength, lf, endsWithEol: end.afterEol };
  return encodeRun(run).equals(message.subarray(start, end.at)) ? run : null;
}

/** Follows full lines, then takes the last, shorter one with its end of line. */
function runEnd(message: Buffer, start: number, lineLength: number, eol: number): { at: number; afterEol: boolean } {
  const step = lineLength + eol;
  let at = start;
  while (isFullLine(message, at, lineLength, eol)) at += step;
  let tail = at;
  while (tail < message.length && tail - at < lineLength && isBase64(message[tail]!)) tail += 1;
  if ((tail - at) % 4 !== 0) tail = at;
  if (tail === at) return { at, afterEol: at > start };
  const atEol = eol === 1 ? message[tail] === LF : message[tail] === CR && message[tail + 1] === LF;
  return atEol ? { at: tail + eol, afterEol: true } : { at: tail, afterEol: false };
}

function isFullLine(message: Buffer, at: number, lineLength: number, eol: number): boolean {
  const end = at + lineLength;
  if (end + eol > message.length) return false;
  if (message[end + eol - 1] !== LF || (eol === 2 && message[end] !== CR)) return false;
  // The comparison after encoding again looks at every character; two are enough to follow the lines.
  return isBase64(message[at]!) && isBase64(message[end - 1]!);
}

function isBase64(byte: number): boolean {
  return (
    (byte >= 65 && byte <= 90) ||
    (byte >= 97 && byte <= 122) ||
    (byte >= 47 && byte <= 57) ||
    byte === 43 ||
    byte === 61
  );
}
