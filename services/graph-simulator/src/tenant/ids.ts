/** What an id names. */
export type IdKind =
  | 'folder'
  | 'message'
  | 'moved-message'
  | 'attachment'
  | 'conversation'
  | 'contact-folder'
  | 'contact'
  | 'moved-contact'
  | 'calendar'
  | 'calendar-group'
  | 'event'
  | 'moved-event'
  | 'occurrence'
  | 'moved-occurrence'
  | 'exception'
  | 'moved-exception'
  | 'event-attachment';

export interface DecodedId {
  kind: IdKind;
  /** Number of the mailbox. */
  mailbox: number;
  key: number;
  /** Of a mutable id: number of moves; of an attachment: its number in the item; of an occurrence: its day. */
  extra: number;
}

interface Form {
  kind: IdKind;
  code: number;
  prefix: string;
  suffix: string;
}

/** Beginnings and endings as Outlook's ids have them; the middle is the mailbox, then the sealed block. */
const FORMS: readonly Form[] = [
  { kind: 'folder', code: 1, prefix: 'AQMkADAw', suffix: 'LgAAA=' },
  { kind: 'message', code: 2, prefix: 'AAkALgAAAAAAHYQDEapm', suffix: 'AAA' },
  { kind: 'moved-message', code: 3, prefix: 'AAMkADAw', suffix: 'BGAAA=' },
  { kind: 'attachment', code: 4, prefix: 'AAMkADBh', suffix: 'EgAQA=' },
  { kind: 'conversation', code: 5, prefix: 'AAQkADAw', suffix: 'EAAA=' },
  { kind: 'contact-folder', code: 6, prefix: 'AQMkADAw', suffix: 'LgAAC=' },
  { kind: 'contact', code: 7, prefix: 'AAkALgAAAAAAHYQDEapm', suffix: 'AAC' },
  { kind: 'moved-contact', code: 8, prefix: 'AAMkADAw', suffix: 'BGAAC=' },
  { kind: 'calendar', code: 9, prefix: 'AAMkADAw', suffix: 'BGAAD=' },
  { kind: 'calendar-group', code: 10, prefix: 'AAMkADAw', suffix: 'BGAAE=' },
  { kind: 'event', code: 11, prefix: 'AAkALgAAAAAAHYQDEapm', suffix: 'AAE' },
  { kind: 'moved-event', code: 12, prefix: 'AAMkADAw', suffix: 'BGAAF=' },
  { kind: 'occurrence', code: 13, prefix: 'AAkALgAAAAAAHYQDEapm', suffix: 'AAO' },
  { kind: 'moved-occurrence', code: 14, prefix: 'AAMkADAw', suffix: 'BGAAO=' },
  { kind: 'exception', code: 15, prefix: 'AAkALgAAAAAAHYQDEapm', suffix: 'AAX' },
  { kind: 'moved-exception', code: 16, prefix: 'AAMkADAw', suffix: 'BGAAX=' },
  { kind: 'event-attachment', code: 17, prefix: 'AAMkADBh', suffix: 'EgAQE=' },
];

const BLOCK = 22;

/**
 * Makes Outlook-like ids of internal keys and reads them back, without a table: `message` is the immutable form,
 * `moved-message` the mutable one, and so for other items. Ids are opaque (neighbouring keys give unlike ids), case-sensitive, and safe in URLs.
 */
export class IdCodec {
  readonly #keys: Uint32Array;
  readonly #mailboxes = new Map<number, string>();

  constructor(seed: number) {
    this.#keys = new Uint32Array(8);
    let state = seed >>> 0;
    for (let round = 0; round < 8; round++) {
      state = mix((state + 0x9e3779b9) >>> 0, round);
      this.#keys[round] = state;
    }
  }

  encode(kind: IdKind, mailbox: number, key: number, extra = 0): string {
    const form = FORMS.find((candidate) => candidate.kind === kind)!;
    const block = Buffer.allocUnsafe(16);
    const words = [(form.code << 24) | this.#check(form.code, mailbox, key, extra), mailbox, key, extra];
    this.#seal(words);
    for (let at = 0; at < 4; at++) block.writeUInt32BE(words[at]! >>> 0, at * 4);
    return form.prefix + this.#mailboxPart(mailbox) + block.toString('base64url') + form.suffix;
  }

  /** Null when this is no id that this codec has made. */
  decode(id: string): DecodedId | null {
    for (const form of FORMS) {
      if (!id.startsWith(form.prefix) || !id.endsWith(form.suffix)) continue;
      const sealed = Buffer.from(id.slice(-form.suffix.length - BLOCK, -form.suffix.length), 'base64url');
      if (sealed.length !== 16) continue;
      const words = [0, 4, 8, 12].map((at) => sealed.readUInt32BE(at));
      this.#open(words);
      const [head, mailbox, key, extra] = words.map((word) => word >>> 0) as [number, number, number, number];
      if (head !== ((form.code << 24) | this.#check(form.code, mailbox, key, extra)) >>> 0) continue;
      if (this.encode(form.kind, mailbox, key, extra) === id) return { kind: form.kind, mailbox, key, extra };
    }
    return null;
  }

  #check(code: number, mailbox: number, key: number, extra: number): number {
    return mix(mix(mix(code, mailbox), key), extra) & 0xffffff;
  }

  #seal(words: number[]): void {
    for (let round = 0; round < 8; round++) {
      const from = round & 3;
      const to = (round + 1) & 3;
      words[to] = (words[to]! ^ mix(words[from]!, this.#keys[round]!)) >>> 0;
    }
  }

  #open(words: number[]): void {
    for (let round = 7; round >= 0; round--) {
      const from = round & 3;
      const to = (round + 1) & 3;
      words[to] = (words[to]! ^ mix(words[from]!, this.#keys[round]!)) >>> 0;
    }
  }

  #mailboxPart(mailbox: number): string {
    let part = this.#mailboxes.get(mailbox);
    if (part === undefined) {
      const bytes = Buffer.alloc(24);
      for (let at = 0; at < 6; at++) bytes.writeUInt32BE(mix(mailbox + at * 977, this.#keys[at]!), at * 4);
      part = bytes.toString('base64url');
      this.#mailboxes.set(mailbox, part);
    }
    return part;
  }
}

function mix(value: number, key: number): number {
  let x = (value ^ key) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35) + key;
  return (x ^ (x >>> 16)) >>> 0;
}
