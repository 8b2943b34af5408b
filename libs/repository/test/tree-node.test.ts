import { describe, expect, test } from '@jest/globals';
import type { Entry, PartRef } from '@backhaul/repository';
import { aContact, aFile, aFolder, anEvent, anItem } from '@backhaul/repository/testing';
import { decodeNode, LeafEncoder } from '../src/tree-node.ts';
import { FieldWriter } from '../src/wire-format.ts';

const SHA256 = 'ab'.repeat(32);
const CHUNK = Buffer.from('0123456789abcdef0123456789abcdef', 'hex').toString('base64');

function aPart(name: string, changes: Partial<PartRef> = {}): PartRef {
  return { name, length: 300, sha256: SHA256, recipe: { chunks: CHUNK, pieces: [] }, ...changes };
}

/** One entry of every kind, in order, with every form of a recipe. */
const ENTRIES: Entry[] = [
  aFolder('cal', { kind: 'calendar', name: 'K' }),
  aFolder('con', { kind: 'contacts', name: 'C', hidden: true }),
  aFolder('drv', { kind: 'files', name: 'D', parts: [aPart('permissions')] }),
  aFolder('inb', { parentId: 'top', name: 'I', wellKnownName: 'inbox' }),
  { ...anEvent('e', { containerId: 'cal', isSeries: true, hasAttachments: true }), size: 0, parts: [] },
  { ...aContact('c', { containerId: 'con' }), size: 0, parts: [] },
  {
    ...aFile('f', { containerId: 'drv', contentHash: 'aGFzaA==' }),
    size: 3_000_000_000,
    parts: [aPart('content', { length: 3_000_000_000, recipe: { recipeChunks: CHUNK } })],
  },
  {
    ...anItem('m', { containerId: 'inb', isRead: true }),
    size: 300,
    parts: [aPart('mime', { recipe: { chunks: CHUNK, pieces: [{ rawLength: 300 }] } })],
  },
];

/** By field, with its number; what these bytes say must never change: repositories hold them. */
const LEAF = [
  '00', // level
  '0a8401', // container of 132 bytes
  '1a0a', // folder
  '0a0363616c', // 1
  '1a014b', // 3
  '3002', // 6
  '1a0c', // folder
  '0a03636f6e', // 1
  '1a0143', // 3
  '2801', // 5
  '3001', // 6
  '1a52', // folder
  '0a03647276', // 1
  '1a0144', // 3
  '3003', // 6
  '3a460a0b7065726d697373696f6e7310ac021a20abababababababababababababababababababababababababababababababab22120a100123456789abcdef0123456789abcdef', // 7
  '1a14', // folder
  '0a03696e62', // 1
  '1203746f70', // 2
  '1a0149', // 3
  '2205696e626f78', // 4
  '0a6b', // container of 107 bytes
  '0a0363616c', // its id
  '2264', // item
  '0a0165', // 1
  '1003', // 2
  '1a04636b2d65', // 3
  '220c5375626a656374206f662065', // 4
  '2a194772616365203c6772616365406578616d706c652e636f6d3e', // 5
  '3214323032362d30312d30315430393a30303a30305a', // 6
  '4801', // 9
  '6214323032362d30312d30315431303a30303a30305a', // 12
  '6801', // 13
  '0a3d', // container of 61 bytes
  '0a03636f6e', // its id
  '2236', // item
  '0a0163', // 1
  '1002', // 2
  '1a04636b2d63', // 3
  '22094e616d65206f662063', // 4
  '2a116772616365406578616d706c652e636f6d', // 5
  '5a0b4578616d706c65204c7464', // 11
  '0a9b01', // container of 155 bytes
  '0a03647276', // its id
  '229301', // item
  '0a0166', // 1
  '1004', // 2
  '1a04636b2d66', // 3
  '2205662e747874', // 4
  '3214323032362d30312d30325430303a30303a30305a', // 6
  '3880bcc1960b', // 7
  '52430a07636f6e74656e741080bcc1960b1a20abababababababababababababababababababababababababababababababab2a100123456789abcdef0123456789abcdef', // 10
  '7214323032362d30312d30315430303a30303a30305a', // 14
  '7a086147467a61413d3d', // 15
  '0a9d01', // container of 157 bytes
  '0a03696e62', // its id
  '229501', // item
  '0a016d', // 1
  '1001', // 2
  '1a04636b2d6d', // 3
  '220c5375626a656374206f66206d', // 4
  '2a194772616365203c6772616365406578616d706c652e636f6d3e', // 5
  '3214323032362d30312d30315430303a30303a30305a', // 6
  '38ac02', // 7
  '4001', // 8
  '52440a046d696d6510ac021a20abababababababababababababababababababababababababababababababab22170a100123456789abcdef0123456789abcdef120308ac02', // 10
].join('');

function encoded(entries: Entry[]): Buffer {
  const leaf = new LeafEncoder();
  for (const entry of entries) leaf.add(entry);
  return leaf.finish();
}

describe('a leaf', () => {
  test('with an entry of every kind has the bytes it always had', () => {
    expect(encoded(ENTRIES).toString('hex')).toBe(LEAF);
    expect(decodeNode(Buffer.from(LEAF, 'hex'))).toEqual({ level: 0, entries: ENTRIES });
  });

  test('is read past fields that a later program has added', () => {
    const item = new FieldWriter();
    item.text(1, 'm');
    item.number(2, 1);
    item.text(900, 'of a later version');
    const { entries } = decodeNode(leafOf(4, item)) as { entries: Entry[] };
    expect(entries).toMatchObject([{ kind: 'message', id: 'm', subject: '' }]);
  });

  test.each([
    ['an item', 4, 2, 5],
    ['an item', 4, 2, 0],
    ['a folder', 3, 6, 4],
  ])('with %s of a kind that is not known is refused as a format, not as damage', (_, entryField, field, kind) => {
    const entry = new FieldWriter();
    entry.text(1, 'x');
    entry.number(field, kind);
    expect(() => decodeNode(leafOf(entryField, entry))).toThrow(
      expect.objectContaining({ kind: 'unsupported-format' }),
    );
  });
});

/** A leaf of one entry in container `c`. */
function leafOf(field: number, entry: FieldWriter): Buffer {
  const container = new FieldWriter();
  container.text(1, 'c');
  container.message(field, entry.view());
  const leaf = new FieldWriter();
  leaf.byte(0);
  leaf.message(1, container.view());
  return leaf.finish();
}
