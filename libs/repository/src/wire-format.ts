/**
 * The two field types of the Protocol Buffers wire format that tree nodes use (FORMAT.md 9): varint and length-delimited.
 * Defaults are left out by the writer, so that equal values have equal bytes.
 */

const VARINT = 0;
const DELIMITED = 2;

/** Appends fields; grows as needed. */
export class FieldWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(capacity = 256) {
    this.#buffer = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.#length;
  }

  number(field: number, value: number): void {
    if (value === 0) return;
    this.#varint(field * 8 + VARINT);
    this.#varint(value);
  }

  bool(field: number, value: boolean): void {
    if (value) this.number(field, 1);
  }

  text(field: number, value: string): void {
    if (value !== '') this.textEvenEmpty(field, value);
  }

  /** For repeated and optional fields, where the empty text is a value. */
  textEvenEmpty(field: number, value: string): void {
    const length = Buffer.byteLength(value);
    this.#varint(field * 8 + DELIMITED);
    this.#varint(length);
    this.#reserve(length);
    this.#length += this.#buffer.write(value, this.#length);
  }

  bytes(field: number, value: Uint8Array): void {
    if (value.length !== 0) this.message(field, value);
  }

  /** An embedded message already encoded; written even when empty. */
  message(field: number, value: Uint8Array): void {
    this.#varint(field * 8 + DELIMITED);
    this.#varint(value.length);
    this.#reserve(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }

  /** A raw byte before the first field. */
  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  /** What was written, in memory of its own. */
  finish(): Buffer {
    const out = Buffer.allocUnsafeSlow(this.#length);
    this.#buffer.copy(out, 0, 0, this.#length);
    return out;
  }

  /** What was written, valid until the next write: for embedding right away. */
  view(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  #varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#length++] = (rest % 0x80) + 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#length++] = rest;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + count));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

/** One field as it was read: `number` for a varint, `bytes` (a view) for a length-delimited one. */
export interface Field {
  field: number;
  number: number;
  bytes: Buffer;
}

const NOTHING = Buffer.alloc(0);

/** The fields of a message in their order. @throws RangeError when the bytes are no such message. */
export function* readFields(bytes: Buffer): Generator<Field> {
  const cursor = { bytes, at: 0 };
  while (cursor.at < bytes.length) {
    const tag = readVarint(cursor);
    const field = Math.floor(tag / 8);
    const value = readVarint(cursor);
    if (tag % 8 === VARINT) {
      yield { field, number: value, bytes: NOTHING };
    } else if (tag % 8 === DELIMITED && value <= bytes.length - cursor.at) {
      yield { field, number: 0, bytes: bytes.subarray(cursor.at, cursor.at + value) };
      cursor.at += value;
    } else {
      throw new RangeError(`field ${field} is not of a known type or runs over the end`);
    }
  }
}

function readVarint(cursor: { bytes: Buffer; at: number }): number {
  let value = 0;
  let scale = 1;
  for (let count = 0; count < 8; count += 1) {
    const byte = cursor.bytes[cursor.at++];
    if (byte === undefined) throw new RangeError('a number runs over the end');
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 0x80;
  }
  throw new RangeError('a number is too large');
}
