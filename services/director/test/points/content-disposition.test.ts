import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { contentDisposition } from '../../src/points/content-disposition.ts';

test.each([
  ['Report.eml', `attachment; filename="Report.eml"; filename*=UTF-8''Report.eml`],
  ['Übersicht.eml', `attachment; filename="_bersicht.eml"; filename*=UTF-8''%C3%9Cbersicht.eml`],
  ['../../etc/passwd.eml', `attachment; filename="_.._etc_passwd.eml"; filename*=UTF-8''_.._etc_passwd.eml`],
  ['a"b\r\nX-Evil: 1.eml', `attachment; filename="a_b__X-Evil_ 1.eml"; filename*=UTF-8''a_b__X-Evil_%201.eml`],
  ['.eml', `attachment; filename="file.eml"; filename*=UTF-8''file.eml`],
])('%j', (name, expected) => {
  expect(contentDisposition(name)).toBe(expected);
});

test('whatever a sender puts into a subject, the header stays one header with a harmless name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (subject) => {
      const header = contentDisposition(`${subject}.eml`);
      expect(header).toMatch(/^attachment; filename="[\x20-\x7e]*"; filename\*=UTF-8''[!-~]*$/);
      const plain = /filename="([^"]*)"/.exec(header)?.[1] ?? '';
      expect(plain).not.toMatch(/[/\\:]|^\./);
      expect(plain.length).toBeLessThanOrEqual(110);
    }),
    { numRuns: 1_000 },
  );
});
