import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mboxMessage } from '../src/mail/mbox.ts';

const ENVELOPE = { sender: 'ada@example.com', receivedAt: new Date('2026-01-02T03:04:05Z') };

async function* inPieces(text: string | Buffer, size = 7) {
  const bytes = Buffer.from(text as string, 'latin1');
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function mboxOf(messages: string[], pieces = 7): Promise<string> {
  const parts: Uint8Array[] = [];
  for (const message of messages) {
    for await (const part of mboxMessage(ENVELOPE, inPieces(message, pieces))) parts.push(part);
  }
  return Buffer.concat(parts).toString('latin1');
}

/** Reads an mboxrd as its definition says: each `From ` line at the beginning of a line begins a message. */
function readMbox(mbox: string): string[] {
  return mbox
    .split(/^From .*\n/m)
    .slice(1)
    .map((message) => message.replace(/\n$/, '').replace(/^>(>*From )/gm, '$1'));
}

test('a message stands behind its From line, with LF line ends, before an empty line', async () => {
  expect(await mboxOf(['Subject: x\r\n\r\nHello\r\n'])).toBe(
    'From ada@example.com Fri Jan  2 03:04:05 2026\nSubject: x\n\nHello\n\n',
  );
});

test('lines that look like From lines are quoted, one more than they were', async () => {
  const quoted = await mboxOf(['From me\n>From you\n>>From all\n From not\nFromage\n>Fro\nFrom ']);
  expect(quoted.split('\n').slice(1)).toEqual([
    '>From me',
    '>>From you',
    '>>>From all',
    ' From not',
    'Fromage',
    '>Fro',
    '>From ',
    '',
    '',
  ]);
});

test('a sender cannot write a line of its own', async () => {
  const evil = { ...ENVELOPE, sender: 'x\r\nSubject: forged ä' };
  const first = (await mboxMessage(evil, inPieces('')).next()).value as Uint8Array;
  expect(Buffer.from(first).toString()).toBe('From xSubject:forged Fri Jan  2 03:04:05 2026\n');
});

test('whatever messages say and however they come in pieces, each is read back as it was', async () => {
  const line = fc.constantFrom(
    'From x',
    '>From y',
    '>>',
    '>',
    'Fro',
    'From',
    '',
    'text',
    'a\rb',
    '\r',
    '\xff\0',
    'From \r',
  );
  const message = fc.array(line, { maxLength: 12 }).map((lines) => lines.map((text) => `${text}\r\n`).join(''));
  await fc.assert(
    fc.asyncProperty(
      fc.array(message, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 9 }),
      async (all, size) => {
        expect(readMbox(await mboxOf(all, size))).toEqual(all.map((text) => text.replaceAll('\r\n', '\n')));
      },
    ),
    { numRuns: 500 },
  );
});
