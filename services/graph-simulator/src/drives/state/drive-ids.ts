import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Marks a block as an item's. */
const ITEM = 0x6974656d;
const DRIVE = 0x64726976;

/**
 * Makes the ids of drives and items as OneDrive has them, and reads them back without a table: `b!` and 66 characters for a
 * drive; `01`, six characters for the drive and 26 for the GUID of an item. A GUID is a sealed block, so ids are opaque.
 */
export class DriveIds {
  readonly #key: Buffer;
  readonly #cipher;
  readonly #decipher;
  readonly #places = new Map<number, string>();

  constructor(seed: number) {
    this.#key = createHash('sha256').update(`drive ids ${seed}`).digest().subarray(0, 16);
    // In this mode each block stands for itself, so one cipher serves all calls.
    this.#cipher = createCipheriv('aes-128-ecb', this.#key, null).setAutoPadding(false);
    this.#decipher = createDecipheriv('aes-128-ecb', this.#key, null).setAutoPadding(false);
  }

  drive(number: number): string {
    const block = this.#seal(DRIVE, number, 0);
    const site = createHash('sha256').update(block).digest();
    return `b!${Buffer.concat([block, site]).toString('base64url')}`;
  }

  /** Null when this is no drive's id that was made here. */
  readDrive(id: string): number | null {
    if (!/^b![A-Za-z0-9_-]{64}$/.test(id)) return null;
    const [kind, number] = this.#open(Buffer.from(id.slice(2), 'base64url').subarray(0, 16));
    return kind === DRIVE && this.drive(number) === id ? number : null;
  }

  item(drive: number, key: number): string {
    return `01${this.#place(drive)}${base32(this.#seal(ITEM, drive, key))}`;
  }

  /** Null when this is no item's id that was made here. */
  readItem(id: string): { drive: number; key: number } | null {
    if (!/^01[A-Z2-7]{32}$/.test(id)) return null;
    const [kind, drive, key] = this.#open(fromBase32(id.slice(8)));
    return kind === ITEM && this.item(drive, key) === id ? { drive, key } : null;
  }

  /** In capitals and braces, as eTags have it. */
  guid(drive: number, key: number): string {
    const hex = this.#seal(ITEM, drive, key).toString('hex').toUpperCase();
    return `{${[hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')}}`;
  }

  #seal(kind: number, drive: number, key: number): Buffer {
    const block = Buffer.alloc(16);
    block.writeUInt32BE(kind, 0);
    block.writeUInt32BE(drive, 4);
    block.writeUInt32BE(key, 8);
    return this.#cipher.update(block);
  }

  #open(block: Buffer): [kind: number, drive: number, key: number] {
    const plain = this.#decipher.update(block);
    return [plain.readUInt32BE(0), plain.readUInt32BE(4), plain.readUInt32BE(8)];
  }

  #place(drive: number): string {
    let place = this.#places.get(drive);
    if (place === undefined) this.#places.set(drive, (place = base32(this.#seal(DRIVE, drive, 1)).slice(0, 6)));
    return place;
  }
}

/** 16 bytes in 26 characters. */
function base32(bytes: Buffer): string {
  let value = BigInt(`0x${bytes.toString('hex')}`) << 2n;
  let text = '';
  for (let at = 0; at < 26; at++, value >>= 5n) text = ALPHABET[Number(value & 31n)]! + text;
  return text;
}

function fromBase32(text: string): Buffer {
  let value = 0n;
  for (const char of text) value = (value << 5n) | BigInt(ALPHABET.indexOf(char));
  return Buffer.from((value >> 2n).toString(16).padStart(32, '0'), 'hex');
}
