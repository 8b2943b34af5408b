import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Cursors } from '../../src/api/cursor.ts';

const cursors = new Cursors(randomBytes(32));
const refused = expect.objectContaining({ kind: 'invalid-input' });

describe('a cursor', () => {
  test('gives back the position it was made of', () => {
    const position = ['Zoë "quoted"', 'id'];
    expect(cursors.decode('jobs', cursors.encode('jobs', position))).toEqual(position);
    expect(cursors.decode('jobs', undefined)).toBeNull();
  });

  test('is good for its own list only', () => {
    const cursor = cursors.encode('jobs', ['a']);
    expect(() => cursors.decode('runs', cursor)).toThrow(refused);
    expect(() => new Cursors(randomBytes(32)).decode('jobs', cursor)).toThrow(refused);
  });

  test('that was not made by us is refused', () => {
    const cursor = cursors.encode('jobs', ['a']);
    for (const forged of [
      '',
      'x',
      cursor.slice(0, -2),
      `A${cursor.slice(1)}`,
      Buffer.from('["a"]').toString('base64url'),
    ]) {
      if (forged === cursor) continue;
      expect(() => cursors.decode('jobs', forged)).toThrow(refused);
    }
  });

  test('is there only when there is more', () => {
    const rows = [{ id: '1' }, { id: '2' }, { id: '3' }];
    const page = cursors.page('list', 2, rows, (row) => [row.id]);
    expect(page.items).toEqual(rows.slice(0, 2));
    expect(cursors.decode('list', page.nextCursor ?? '')).toEqual(['2']);
    expect(cursors.page('list', 3, rows, (row) => [row.id]).nextCursor).toBeNull();
  });
});
