/** Messages in the Protocol Buffers wire format, read as FORMAT.md 9 tells; for the independent reader. */

/** Fields of a message by their numbers [9]. */
export function message(bytes: Buffer) {
  const found = fields(bytes);
  const all = (number: number) => found.filter((field) => field.number === number);
  return {
    all: (number: number) => all(number).map((field) => field.bytes),
    bytes: (number: number) => all(number).at(-1)?.bytes ?? Buffer.alloc(0),
    text: (number: number) => all(number).at(-1)?.bytes.toString() ?? '',
    number: (number: number) => all(number).at(-1)?.value ?? 0,
  };
}

export function fields(bytes: Buffer): { number: number; value: number; bytes: Buffer }[] {
  const found: { number: number; value: number; bytes: Buffer }[] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const value = varint();
    const isDelimited = (tag & 7) === 2;
    found.push({ number: tag >>> 3, value, bytes: isDelimited ? bytes.subarray(at, at + value) : Buffer.alloc(0) });
    if (isDelimited) at += value;
  }
  return found;
}
