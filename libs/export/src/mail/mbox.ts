const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x3e; // >
const FROM = Buffer.from('From ');

/** In the middle of a line. */
const INSIDE = -1;

/** What the line before a message in an MBOX says. */
export interface Envelope {
  /** The sender's address, or `''`. */
  sender: string;
  receivedAt: Date;
}

/**
 * A message as it stands in an MBOX file of the form mboxrd (RFC 4155 with reversible quoting): the line `From sender
 * date`, the message with LF line ends and each line that looks like such a line (`From …`, `>From …`) quoted by one `>`,
 * and an empty line. Pieces go through as they come, so a message of any length needs no more memory than a piece.
 */
export async function* mboxMessage(
  { sender, receivedAt }: Envelope,
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`From ${sender.replace(/[^!-~]+/g, '') || 'MAILER-DAEMON'} ${asctime(receivedAt)}\n`);
  const quoting = new Quoting();
  for await (const piece of content) {
    const quoted = quoting.push(piece);
    if (quoted.length > 0) yield quoted;
  }
  yield quoting.end();
}

/** `Fri Jan  2 03:04:05 2026`, in UTC as RFC 4155 asks. */
function asctime(time: Date): string {
  const [, weekday = '', day = '', month = '', year = '', clock = ''] =
    /^(\w+), (\d+) (\w+) (\d+) ([\d:]+)/.exec(time.toUTCString()) ?? [];
  return `${weekday} ${month} ${String(Number(day)).padStart(2)} ${clock} ${year}`;
}

/** What is known between two pieces: where in a line we are, and what was held back until more is known. */
class Quoting {
  /** How many letters of `From ` stand at the line's beginning, behind any `>`; {@link INSIDE} when it is another line. */
  #matched = 0;
  #heldCr = false;

  push(piece: Uint8Array): Uint8Array {
    const out = Buffer.allocUnsafe(piece.length * 2 + FROM.length + 2);
    let length = 0;
    for (const byte of piece) {
      if (this.#heldCr && byte !== LF) length = this.#write(CR, out, length);
      this.#heldCr = byte === CR;
      if (byte !== CR) length = this.#write(byte, out, length);
    }
    return out.subarray(0, length);
  }

  /** What was held back, an end for the last line, and the empty line. */
  end(): Uint8Array {
    const out = Buffer.allocUnsafe(FROM.length + 4);
    let length = this.#heldCr ? this.#write(CR, out, 0) : 0;
    const isLineBegin = this.#matched === 0;
    if (!isLineBegin) length = this.#write(LF, out, length);
    return out.subarray(0, this.#write(LF, out, length));
  }

  #write(byte: number, out: Buffer, at: number): number {
    let length = at;
    if (this.#matched !== INSIDE) {
      if (byte === FROM[this.#matched]) {
        this.#matched += 1;
        if (this.#matched < FROM.length) return length;
        // A quote behind other quotes is the same as one before them.
        out[length] = QUOTE;
        length += 1 + FROM.copy(out, length + 1);
        this.#matched = INSIDE;
        return length;
      }
      length += FROM.copy(out, length, 0, this.#matched);
      this.#matched = byte === QUOTE && this.#matched === 0 ? 0 : INSIDE;
    }
    out[length] = byte;
    if (byte === LF) this.#matched = 0;
    return length + 1;
  }
}
