import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { canonicalMessage, readMessageContent, restorableMessage } from '../src/index.ts';

const PROPERTIES = { id: '1', changeKey: 'k', parentFolderId: 'f' };

/** Real and deliberately broken messages that may lie beside the checkout; a clone elsewhere does without them. */
const CORPUS = resolve(import.meta.dirname, '../../../../shared/corpus/mail');
const samples = existsSync(CORPUS) ? readdirSync(CORPUS) : [];

function inBase64(content: string | Uint8Array): string {
  return (typeof content === 'string' ? Buffer.from(content, 'utf8') : Buffer.from(content)).toString('base64');
}

/** The same attachments by another reader; it fails on some samples, which says nothing about ours. */
async function attachmentsByMailparser(mime: Buffer): Promise<string[]> {
  const options = { ignoreEmbedded: true, keepDeliveryStatus: true, keepCidLinks: true, skipHtmlToText: true };
  const mail = await simpleParser(mime, { ...options, skipTextToHtml: true }).catch(() => null);
  return (mail?.attachments ?? []).map(({ content }) => content.toString('base64'));
}

describe('broken MIME', () => {
  test.each([
    ['nothing', ''],
    ['no header', '\r\nbody'],
    ['headers only', 'Subject: x'],
    ['line ends of LF only', 'Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n--b--\n'],
    ['a multipart without boundary', 'Content-Type: multipart/mixed\r\n\r\nbody'],
    ['a boundary that never comes', 'Content-Type: multipart/mixed; boundary=b\r\n\r\nbody'],
    [
      'a multipart within itself',
      'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--',
    ],
    ['base64 that is none', 'Content-Transfer-Encoding: base64\r\n\r\n%%%=!'],
    ['an escape cut off', 'Content-Transfer-Encoding: quoted-printable\r\n\r\nx=4'],
    ['an empty type', 'Content-Type: \r\n\r\nx'],
    ['a date that is none', 'Date: yesterday\r\n\r\nx'],
    ['NULs', 'Subject: \0\r\n\0\r\n\r\n\0'],
  ])('with %s is read as far as it goes', async (_what, text) => {
    const content = await readMessageContent(Buffer.from(text, 'latin1'));
    expect(typeof content.body.content).toBe('string');
  });

  test('a missing last boundary loses no part', async () => {
    const lines = [
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      '',
      'one',
      '--b',
      'Content-Type: a/b',
      '',
      'two',
    ];
    const content = await readMessageContent(Buffer.from(lines.join('\r\n')));
    expect(content.body.content).toBe('one');
    expect(content.attachments.map((attachment) => Buffer.from(attachment.content).toString())).toEqual(['two']);
  });

  test('a boundary that is the beginning of another one is not taken for it', async () => {
    const lines = [
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: multipart/mixed; boundary=bb',
      '',
      '--bb',
      '',
      'inner',
      '--bb--',
      '--b',
      'Content-Type: a/b',
      '',
      'outer',
      '--b--',
    ];
    const content = await readMessageContent(Buffer.from(lines.join('\r\n')));
    expect(content.body.content).toBe('inner');
    expect(content.attachments).toHaveLength(1);
  });

  test('messages nested a hundred times in each other are followed only so deep', async () => {
    let mime = 'Subject: innermost\r\n\r\nx';
    for (let n = 0; n < 100; n += 1) mime = `Content-Type: message/rfc822\r\n\r\n${mime}`;
    const form = await canonicalMessage(PROPERTIES, Buffer.from(mime), []);
    expect(JSON.stringify(form).match(/"kind":"item"/g)).toHaveLength(20);
    const { losses } = await restorableMessage({ properties: PROPERTIES, content: Buffer.from(mime) });
    expect(losses).toMatchObject([{ code: 'restore.item-as-file' }]);
  });

  test('of any bytes whatsoever never throws', async () => {
    const piece = fc.constantFrom(
      'Content-Type: multipart/mixed; boundary=b\r\n',
      'Content-Type: message/rfc822\r\n',
      'Content-Type: text/html; charset=x\r\n',
      'Content-Transfer-Encoding: base64\r\n',
      'Content-Disposition: attachment; filename*=x\r\n',
      'To: "a, <b@c>, (;:\r\n',
      'Date: ???\r\n',
      '\r\n',
      '--b\r\n',
      '--b--\r\n',
      '=?utf-8?Q?=E4?=',
      '\0\u00ff',
    );
    const mime = fc.array(fc.oneof(piece, fc.string()), { maxLength: 30 }).map((pieces) => pieces.join(''));
    await fc.assert(
      fc.asyncProperty(mime, async (text) => {
        await canonicalMessage(PROPERTIES, Buffer.from(text, 'latin1'), []);
      }),
      { numRuns: 200 },
    );
  });

  (samples.length > 0 ? test : test.skip)(
    'every message of the corpus beside the checkout can be read and restored',
    async () => {
      const unlike = new Set<string>();
      for (const name of samples) {
        const mime = readFileSync(join(CORPUS, name));
        await canonicalMessage(PROPERTIES, mime, []);
        await restorableMessage({ properties: PROPERTIES, content: mime });
        const { attachments, body } = await readMessageContent(mime);
        // A text part with a disposition that does not exist is an attachment to the other reader and the body to us.
        const ours = [body.content, ...attachments.map(({ content }) => content)].map(inBase64);
        for (const theirs of await attachmentsByMailparser(mime)) if (!ours.includes(theirs)) unlike.add(name);
      }
      expect([...unlike]).toEqual([]);
    },
  );
});
