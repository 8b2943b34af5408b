import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readMessageContent } from '@backhaul/engine';
import { aFile, aFolder, aMessage, MemoryPoint } from '../testing/index.ts';
import { exported, manifestOf, pathsOf } from './export-scene.ts';

/** Real messages, calendars and cards, many of them broken; a folder beside the checkout that not every machine has. */
const CORPUS = resolve(import.meta.dirname, '../../../../shared/corpus');

const filesOf = (folder: string) =>
  existsSync(join(CORPUS, folder))
    ? readdirSync(join(CORPUS, folder))
        .sort()
        .map((name) => ({ name, bytes: readFileSync(join(CORPUS, folder, name)) }))
    : [];
const whereThere = existsSync(CORPUS) ? describe : describe.skip;
if (!existsSync(CORPUS)) console.warn(`Skipped: the corpus of real messages is not at ${CORPUS}.`);

const FOLDERS = [aFolder('mail', 'inbox', 'Inbox'), aFolder('files', 'root')];
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

whereThere('the corpus of real and broken files', () => {
  test('leaves the export with every byte it came with', async () => {
    const mails = filesOf('mail').map(({ name, bytes }, index) =>
      aMessage(`m${index}`, { subject: name, mime: bytes }),
    );
    const files = ['calendar', 'contacts']
      .flatMap(filesOf)
      .map(({ name, bytes }, index) => aFile(`f${index}`, name, bytes));
    const files_ = await exported(new MemoryPoint(FOLDERS, [...mails, ...files]));
    const wanted = ['mail', 'calendar', 'contacts'].flatMap(filesOf).map(({ bytes }) => sha256(bytes));
    const got = pathsOf(files_).map((path) => sha256(files_.get(path) ?? Buffer.alloc(0)));
    expect(got.sort()).toEqual(wanted.sort());
    expect(wanted.length).toBeGreaterThan(200);
    expect(manifestOf(files_).counts).toEqual({ exported: wanted.length, degraded: 0, incomplete: 0, failed: 0 });
  });

  test('leaves an MBOX with every line it came with', async () => {
    const mails = filesOf('mail');
    const point = new MemoryPoint(
      FOLDERS,
      mails.map(({ name, bytes }, index) => aMessage(`m${index}`, { subject: name, mime: bytes })),
    );
    const mbox = (await exported(point, { perFolder: ['mail'] })).get('Mail/Inbox.mbox')?.toString('latin1') ?? '';
    const read = mbox
      .split(/^From .*\n/m)
      .slice(1)
      .map((message) => message.slice(0, -1).replace(/^>(>*From )/gm, '$1'));
    const ended = (text: string) => (text === '' || text.endsWith('\n') ? text : `${text}\n`);
    const wanted = mails.map(({ bytes }) => ended(bytes.toString('latin1').replaceAll('\r\n', '\n')));
    expect(read.sort()).toEqual(wanted.sort());
  });

  test('gives messages put together from their parts the same attachments', async () => {
    const differing: string[] = [];
    for (const { name, bytes } of filesOf('mail')) {
      const { body, attachments } = await readMessageContent(bytes);
      const listed = attachments.map(({ content: _, ...attachment }, index) => ({
        ...attachment,
        part: `attachment-${index}`,
      }));
      const parts = {
        properties: Buffer.from(JSON.stringify({ id: name, subject: name, sentDateTime: '2026-01-02T03:04:05Z' })),
        content: Buffer.from(JSON.stringify({ body, attachments: listed })),
        ...Object.fromEntries(attachments.map(({ content }, index) => [`attachment-${index}`, content])),
      };
      const files = await exported(new MemoryPoint(FOLDERS, [aMessage('m', { subject: name, parts })]));
      const [path = ''] = pathsOf(files);
      const again = await readMessageContent(files.get(path) ?? Buffer.alloc(0));
      const bytesOf = (list: typeof attachments) =>
        list
          .filter(({ kind }) => kind === 'file')
          .map(({ content }) => sha256(content))
          .sort();
      if (JSON.stringify(bytesOf(again.attachments)) !== JSON.stringify(bytesOf(attachments))) differing.push(name);
    }
    expect(differing).toEqual([]);
  });
});
