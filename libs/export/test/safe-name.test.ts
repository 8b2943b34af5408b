import { resolve, sep, win32 } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MAX_NAME_BYTES, safeName, TakenNames } from '../src/safe-name.ts';

const nameOf = (name: string, maxBytes?: number) => safeName(name, new TakenNames(), maxBytes);

describe('a name', () => {
  test.each([
    ['Report.docx', 'Report.docx'],
    ['.gitignore', '.gitignore'],
    ['Zoë & 李 😀.txt', 'Zoë & 李 😀.txt'],
    ['Zoe\u0308.txt', 'Zoë.txt'],
    ['', 'unnamed'],
    ['.', 'unnamed'],
    ['..', 'unnamed'],
    ['...   ', 'unnamed'],
    ['\u202e\u0000\u200b', 'unnamed'],
    ['../../etc/passwd', '.._.._etc_passwd'],
    ['..\\..\\Windows\\system.ini', '.._.._Windows_system.ini'],
    ['/etc/passwd', '_etc_passwd'],
    ['C:\\boot.ini', 'C__boot.ini'],
    ['C:', 'C_'],
    ['\\\\server\\share', '__server_share'],
    ['file:///x', 'file____x'],
    ['a\0b', 'ab'],
    ['line\r\nbreak', 'line  break'],
    ['report\u202etxt.exe', 'reporttxt.exe'],
    ['\u2067turned\u2069.pdf', 'turned.pdf'],
    ['CON', '_CON'],
    ['con.txt', '_con.txt'],
    ['nul .tar.gz', '_nul .tar.gz'],
    ['COM1', '_COM1'],
    ['com¹.log', '_com¹.log'],
    ['LPT9.', '_LPT9'],
    ['CONIN$', '_CONIN$'],
    ['Console', 'Console'],
    ['trailing. . .', 'trailing'],
    ['  leading', 'leading'],
    ['what? <now>|"*".txt', 'what_ _now_____.txt'],
    ['lone \ud800 half', 'lone _ half'],
    ['stream.txt:hidden', 'stream.txt_hidden'],
  ])('%j becomes %j', (name, expected) => {
    expect(nameOf(name)).toBe(expected);
  });

  test('that is too long keeps its extension and ends between characters', () => {
    const cut = nameOf(`${'😀'.repeat(100)}.docx`);
    expect(cut).toBe(`${'😀'.repeat(62)}.docx`);
    expect(nameOf('x'.repeat(400))).toHaveLength(MAX_NAME_BYTES);
    expect(nameOf(`${'ä'.repeat(40)}.txt`, 32)).toBe(`${'ä'.repeat(14)}.txt`);
  });

  test('that others have is numbered before the extension, whatever its case and composition', () => {
    const taken = new TakenNames();
    const names = ['Mail.eml', 'mail.EML', 'mail.eml', 'Mail (2).EML', 'Zoë', 'zoe\u0308', 'Straße', 'STRASSE'];
    expect(names.map((name) => safeName(name, taken))).toEqual([
      'Mail.eml',
      'mail (2).EML',
      'mail (3).eml',
      'Mail (2) (2).EML',
      'Zoë',
      'zoë (2)',
      'Straße',
      'STRASSE (2)',
    ]);
  });

  test('that twenty thousand items share is given to each of them in little time', () => {
    const taken = new TakenNames();
    let last = '';
    for (let count = 0; count < 20_000; count += 1) last = safeName('Re: your mail.eml', taken);
    expect(last).toBe('Re_ your mail (20000).eml');
  });
});

describe('whatever a name says', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc
      .array(
        fc.constantFrom(
          '..',
          '/',
          '\\',
          'C:',
          '\0',
          '\n',
          '\u202e',
          ' ',
          '.',
          'CON',
          '😀',
          'e\u0301',
          '\ud800',
          'a',
          '~',
          '%2f',
        ),
        { maxLength: 200 },
      )
      .map((parts) => parts.join('')),
  );

  test('it is one name within its folder on POSIX and on Windows, and not longer than allowed', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 32, max: MAX_NAME_BYTES }), (name, maxBytes) => {
        const safe = nameOf(name, maxBytes);
        expect(resolve('/export/folder', safe)).toBe(`/export/folder${sep}${safe}`);
        expect(win32.resolve('C:\\export', safe)).toBe(`C:\\export\\${safe}`);
        expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(maxBytes);
        expect(safe).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069<>:"/\\|?*]|[. ]$|^ /u);
        expect(safe).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i);
        expect(safe.isWellFormed()).toBe(true);
        expect(safe).not.toBe('');
        expect(safe.normalize('NFC')).toBe(safe);
      }),
      { numRuns: 1_000 },
    );
  });

  test('no two names of a folder are one where case does not count', () => {
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 30 }), fc.integer({ min: 32, max: 60 }), (names, maxBytes) => {
        const taken = new TakenNames();
        const given = names.map((name) => safeName(name, taken, maxBytes));
        const folded = given.map((name) => name.normalize('NFKC').toLowerCase());
        expect(new Set(folded).size).toBe(names.length);
        for (const name of given) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(maxBytes);
      }),
      { numRuns: 300 },
    );
  });
});
