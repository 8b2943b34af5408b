import { argon2Sync, createDecipheriv, createHmac, hash, hkdfSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { fields, message } from './independent-message.ts';

/**
 * A second reader of repositories in a folder, written from FORMAT.md alone: it and its reader of messages import nothing of this project, so that the
 * document is proven to be enough. Small and slow on purpose. Numbers in brackets are sections of FORMAT.md.
 */
export class IndependentReader {
  readonly #folder: string;
  readonly #id: Buffer;
  readonly #master: Buffer;
  readonly #packs: Pack[] = [];
  readonly #chunks = new Map<string, ChunkRow>();
  /** Read already; a repository of a test is small. */
  readonly #segments = new Map<string, Buffer>();

  constructor(folder: string, password: string) {
    this.#folder = folder;
    const config = this.#text('config');
    if (config.body.format !== 'backhaul-repository' || config.body.version !== 1) throw new Error('not version 1');
    if (config.body.features.length > 0 || this.#names('gc').length > 0) throw new Error('not for this reader');
    this.#id = uuid(config.body.repositoryId);
    this.#master = this.#unlock(password);
    if (config.signature !== this.#signature('config', config.line))
      throw new Error('config is not signed by this key');
    for (const name of this.#names('index/d')) this.#takeIndex(this.#sealed(name, 'index'));
  }

  /** Valid points, by chain, then sequence [10]. */
  points(): Point[] {
    const highest = new Map<string, number>();
    return this.#names('points').flatMap((name) => {
      const point = JSON.parse(this.#sealed(name, 'auth').toString()) as Point;
      const { jobId, objectId, sequence, fence } = point.record;
      const chain = createHmac('sha256', this.#key('name')).update(`chain\0${jobId}\0${objectId}`).digest('hex');
      if (name !== `points/${chain.slice(0, 32)}/${String(sequence).padStart(10, '0')}`) throw new Error('wrong place');
      if (fence < (highest.get(chain) ?? 0)) return [];
      highest.set(chain, fence);
      return [point];
    });
  }

  /** Folders and items below a root, in order [9]. */
  *entries(root: string | null): Generator<Folder | Item> {
    if (root === null) return;
    const node = this.#chunk(root);
    for (const child of fields(node.subarray(1)).filter(({ number }) => number === 1)) {
      if (node[0]! > 0) {
        yield* this.entries(message(child.bytes).bytes(3).toString('hex'));
        continue;
      }
      const container = message(child.bytes);
      for (const bytes of container.all(3)) yield this.#folderOf(bytes);
      for (const bytes of container.all(4)) yield this.#itemOf(container.text(1), bytes);
    }
  }

  #folderOf(bytes: Buffer): Folder {
    const { text, number, all } = message(bytes);
    const kind = ['mail', 'contacts', 'calendar', 'files'][number(6)];
    if (kind === undefined) throw new Error('a folder of an unknown kind');
    return { kind, id: text(1), parentId: text(2), name: text(3), parts: this.#parts(all(7)) };
  }

  #itemOf(containerId: string, bytes: Buffer): Item {
    const { text, number, all } = message(bytes);
    const common = { containerId, id: text(1), size: number(7), parts: this.#parts(all(10)) };
    switch (number(2)) {
      case 1:
        return { kind: 'message', ...common, listed: [text(4), text(5), text(6), number(8) === 1, number(9) === 1] };
      case 2:
        return { kind: 'contact', ...common, listed: [text(4), text(5), text(11)] };
      case 3:
        return {
          kind: 'event',
          ...common,
          listed: [text(4), text(5), text(6), text(12), number(13) === 1, number(9) === 1],
        };
      case 4:
        return { kind: 'file', ...common, listed: [text(4), text(14), text(6), text(15)] };
      default:
        throw new Error('an item of an unknown kind');
    }
  }

  #parts(parts: Buffer[]): Record<string, Buffer> {
    return Object.fromEntries(parts.map((part) => [message(part).text(1), this.#part(part)]));
  }

  #part(bytes: Buffer): Buffer {
    const part = message(bytes);
    const elsewhere = part.bytes(5);
    const recipe = message(elsewhere.length > 0 ? this.#joined(elsewhere) : part.bytes(4));
    const raw = this.#joined(recipe.bytes(1));
    let at = 0;
    const pieces = recipe.all(2).map((piece) => {
      const { number, bytes: field } = message(piece);
      if (number(1) > 0) return raw.subarray(at, (at += number(1)));
      return this.#lines(this.#joined(field(2)), number(4), number(5) === 1 ? '\n' : '\r\n', number(6) === 1);
    });
    const whole = pieces.length === 0 ? raw : Buffer.concat(pieces);
    if (whole.length !== part.number(2)) throw new Error('a part has not its length');
    if (hash('sha256', whole) !== part.bytes(3).toString('hex')) throw new Error('a part has not its hash');
    return whole;
  }

  #lines(decoded: Buffer, length: number, eol: string, endsWithEol: boolean): Buffer {
    const lines = decoded.toString('base64').match(new RegExp(`.{1,${length}}`, 'g')) ?? [];
    return Buffer.from(lines.join(eol) + (endsWithEol ? eol : ''), 'latin1');
  }

  #joined(ids: Buffer): Buffer {
    const chunks: Buffer[] = [];
    for (let at = 0; at < ids.length; at += 16) chunks.push(this.#chunk(ids.toString('hex', at, at + 16)));
    return Buffer.concat(chunks);
  }

  /** A chunk by the hex of its id [6, 7]. */
  #chunk(id: string): Buffer {
    const row = this.#chunks.get(id);
    if (row === undefined) throw new Error(`no index lists chunk ${id}`);
    const segment = this.#segment(row);
    const chunk = segment.subarray(row.offset, row.offset + row.length);
    const digest = hash('sha256', Buffer.concat([this.#key('chunk-id'), hash('sha256', chunk, 'buffer')]));
    if (digest.slice(0, 32) !== id) throw new Error(`chunk ${id} is not what its id says`);
    return chunk;
  }

  /** The plain segment that a chunk lies in [6]. */
  #segment(row: ChunkRow): Buffer {
    const { kind, packId, salt, segments } = row.pack;
    const place = `${packId} ${row.segment}`;
    const known = this.#segments.get(place);
    if (known !== undefined) return known;
    const { offset, stored, plain, codec } = segments[row.segment]!;
    const sealed = this.#read(`${kind}/${packId.slice(0, 2)}/${packId}`).subarray(offset, offset + stored);
    const key = hkdf(this.#key(kind), salt, 'backhaul/1/pack');
    const number = u32(row.segment);
    const nonce = Buffer.concat([number, Buffer.alloc(8)]);
    const additional = Buffer.concat([this.#id, Buffer.from(packId, 'hex'), number]);
    const content = decrypt(key, nonce, additional, sealed);
    const segment = codec === 1 ? zstdDecompressSync(content, { maxOutputLength: plain }) : content;
    if (segment.length !== plain) throw new Error(`a segment of ${packId} has not its length`);
    this.#segments.set(place, segment);
    return segment;
  }

  /** The three tables of an index object [8]. */
  #takeIndex(bytes: Buffer): void {
    const [packs, segments, chunks] = [0, 4, 8].map((at) => bytes.readUInt32LE(at)) as [number, number, number];
    const segmentsAt = 16 + packs * 64;
    const chunksAt = segmentsAt + segments * 16;
    const first = this.#packs.length;
    for (let at = 16; at < segmentsAt; at += 64) {
      const [from, count] = [bytes.readUInt32LE(at + 52), bytes.readUInt32LE(at + 56)];
      this.#packs.push({
        packId: bytes.toString('hex', at, at + 16),
        salt: bytes.subarray(at + 16, at + 48),
        kind: bytes[at + 60] === 1 ? 'data' : 'meta',
        segments: Array.from({ length: count }, (_, row) => {
          const place = segmentsAt + (from + row) * 16;
          const [offset, stored, plain] = [0, 4, 8].map((by) => bytes.readUInt32LE(place + by)) as [
            number,
            number,
            number,
          ];
          return { offset, stored, plain, codec: bytes[place + 12]! };
        }),
      });
    }
    for (let at = chunksAt; at < chunksAt + chunks * 32; at += 32) {
      const [pack, segment, offset, length] = [16, 20, 24, 28].map((by) => bytes.readUInt32LE(at + by)) as [
        number,
        number,
        number,
        number,
      ];
      this.#chunks.set(bytes.toString('hex', at, at + 16), {
        pack: this.#packs[first + pack]!,
        segment,
        offset,
        length,
      });
    }
  }

  /** The content of a sealed object [5]. */
  #sealed(name: string, label: string): Buffer {
    const bytes = this.#read(name);
    const header = bytes.subarray(0, 48);
    if (header.toString('latin1', 0, 4) !== 'BHKO' || header[4] !== 1 || header.readUInt16LE(6) !== 1) {
      throw new Error(`${name} is no object of version 1`);
    }
    const key = hkdf(this.#key(label), header.subarray(8, 40), 'backhaul/1/object');
    const additional = Buffer.concat([Buffer.from('backhaul/1/object\0'), this.#id, header, Buffer.from(name)]);
    const content = decrypt(key, Buffer.alloc(12), additional, bytes.subarray(48));
    const length = header.readUInt32LE(40);
    const plain = header[5] === 1 ? zstdDecompressSync(content, { maxOutputLength: length }) : content;
    if (plain.length !== length) throw new Error(`${name} has not its length`);
    return plain;
  }

  /** The master key [4]. */
  #unlock(password: string): Buffer {
    for (const name of this.#names('keys')) {
      const { body, line, signature } = this.#text(name);
      if (body.kind !== 'password') continue;
      const { memoryKiB, passes, lanes, salt } = body.kdf;
      if (memoryKiB > 1024 * 1024 || passes > 16 || lanes > 16) throw new Error(`${name} costs too much`);
      const key = argon2Sync('argon2id', {
        message: password.normalize('NFC'),
        nonce: Buffer.from(salt, 'base64'),
        memory: memoryKiB,
        passes,
        parallelism: lanes,
        tagLength: 32,
      });
      const additional = Buffer.concat([Buffer.from('backhaul/1/slot\0'), uuid(body.repositoryId), Buffer.from(name)]);
      try {
        const master = decrypt(key, Buffer.alloc(12), additional, Buffer.from(body.wrappedKey, 'base64'));
        if (signature === this.#signature(name, line, master)) return master;
      } catch {
        // Another slot's password.
      }
    }
    throw new Error('no slot opens with this password');
  }

  #text(name: string): { body: any; line: string; signature: string } {
    const [line, checksum, signature, nothing, ...rest] = this.#read(name).toString().split('\n');
    if (nothing !== '' || rest.length > 0 || hash('sha256', line!) !== checksum) throw new Error(`${name} is damaged`);
    return { body: JSON.parse(line!), line: line!, signature: signature! };
  }

  #signature(name: string, line: string, master = this.#master): string {
    const key = hkdf(master, this.#id, 'backhaul/1/auth');
    return createHmac('sha256', key)
      .update('backhaul/1/signed\0')
      .update(this.#id)
      .update(`${name}\0${line}`)
      .digest('hex');
  }

  #key(label: string): Buffer {
    return hkdf(this.#master, this.#id, `backhaul/1/${label}`);
  }

  #names(folder: string): string[] {
    try {
      const entries = readdirSync(join(this.#folder, folder), { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(this.#folder.length + 1))
        .sort();
    } catch {
      return [];
    }
  }

  #read(name: string): Buffer {
    return readFileSync(join(this.#folder, name));
  }
}

/** What the reader looks at of a point record. */
export interface Point {
  record: { jobId: string; objectId: string; sequence: number; fence: number };
  root: string | null;
}

export interface Folder {
  kind: string;
  id: string;
  parentId: string;
  name: string;
  /** Bytes by the part's name. */
  parts: Record<string, Buffer>;
}

export interface Item {
  kind: 'message' | 'contact' | 'event' | 'file';
  containerId: string;
  id: string;
  size: number;
  /** What is listed of the kind: subject, sender, received, read, attachments; and so on, in the order of FORMAT.md. */
  listed: (string | boolean)[];
  parts: Record<string, Buffer>;
}

interface Pack {
  packId: string;
  salt: Buffer;
  kind: 'data' | 'meta';
  segments: { offset: number; stored: number; plain: number; codec: number }[];
}

interface ChunkRow {
  pack: Pack;
  segment: number;
  offset: number;
  length: number;
}

function decrypt(key: Buffer, nonce: Buffer, additional: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
  decipher.setAAD(additional);
  decipher.setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
}

function hkdf(key: Buffer, salt: Buffer, info: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, info, 32));
}

function uuid(text: string): Buffer {
  return Buffer.from(text.replaceAll('-', ''), 'hex');
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
