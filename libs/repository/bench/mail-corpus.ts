import { createWriteStream } from 'node:fs';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { SeededRandom } from '@backhaul/repository/testing';

/**
 * Mailboxes as a business has them, the same for the same seed: messages of 11 KB to 300 KB, median about 27 KB, 45 % with an
 * attachment of which a third was sent before, half of the attachments incompressible. They lie in files, so that whoever is
 * measured reads them at little cost and the making of them is not measured.
 */

export interface CorpusSize {
  seed: number;
  mailboxes: number;
  /** Per mailbox. */
  messages: number;
  /** Every message has an attachment of 0.75 to 3 MB. */
  large: boolean;
}

/** One mailbox's messages, one after the other in `file`. */
export interface CorpusMailbox {
  id: string;
  file: string;
  messages: { id: string; length: number }[];
}

/** The whole, and what has changed of it by the next day: about 3 % of the messages. */
export interface Corpus {
  full: CorpusMailbox[];
  /** New messages, and messages with another header. */
  changed: CorpusMailbox[];
  /** Ids of messages that are gone, by mailbox. */
  removed: Record<string, string[]>;
}

const VOCABULARY = 6000;
const PAGE = 1024 * 1024;

/** Writes the corpus below `folder`; its description is `corpus.json` there. */
export async function writeCorpus(folder: string, { seed, mailboxes, messages, large }: CorpusSize): Promise<void> {
  await mkdir(folder, { recursive: true });
  const random = new SeededRandom(`corpus ${seed}`);
  const compose = composer(random, large);
  const corpus: Corpus = { full: [], changed: [], removed: {} };
  for (let box = 0; box < mailboxes; box += 1) {
    const id = `mailbox-${box}`;
    const full = Array.from({ length: messages }, (_, n) => ({ id: `m${n}`, content: compose(`<${n}@${id}>`) }));
    corpus.full.push(await writeMailbox(folder, id, `${id}.full`, full));
    const fresh = Array.from({ length: Math.ceil(messages * 0.02) }, (_, n) => ({
      id: `n${n}`,
      content: compose(`<new-${n}@${id}>`),
    }));
    const touched = full
      .filter(() => random.below(10_000) < 75)
      .map((message) => ({ id: message.id, content: withHeader(message.content, 'X-Category: done') }));
    corpus.changed.push(await writeMailbox(folder, id, `${id}.changed`, [...fresh, ...touched]));
    const kept = new Set(touched.map((message) => message.id));
    corpus.removed[id] = full.map((message) => message.id).filter((m) => random.below(10_000) < 25 && !kept.has(m));
  }
  await writeFile(join(folder, 'corpus.json'), JSON.stringify(corpus));
}

/** Opens what {@link writeCorpus} wrote. */
export async function readCorpus(folder: string): Promise<Corpus> {
  return JSON.parse(await readFile(join(folder, 'corpus.json'), 'utf8')) as Corpus;
}

const READ_AT_ONCE = 1024 * 1024;

/** The messages of a mailbox, one by one, each in memory of its own as a client of Graph would hand it over. */
export async function* messagesOf(
  folder: string,
  mailbox: CorpusMailbox,
): AsyncGenerator<{ id: string; content: Buffer }> {
  const file = await open(join(folder, mailbox.file), 'r');
  try {
    let block: Buffer = Buffer.alloc(0);
    let blockAt = 0;
    let at = 0;
    for (const { id, length } of mailbox.messages) {
      if (at + length > blockAt + block.length) {
        block = Buffer.allocUnsafeSlow(Math.max(READ_AT_ONCE, length));
        const { bytesRead } = await file.read(block, 0, block.length, at);
        block = block.subarray(0, bytesRead);
        blockAt = at;
      }
      yield { id, content: Buffer.from(block.subarray(at - blockAt, at - blockAt + length)) };
      at += length;
    }
  } finally {
    await file.close();
  }
}

/** Bytes of all messages. */
export function bytesOf(mailboxes: CorpusMailbox[]): number {
  return mailboxes.reduce((sum, box) => sum + box.messages.reduce((bytes, { length }) => bytes + length, 0), 0);
}

async function writeMailbox(
  folder: string,
  id: string,
  file: string,
  messages: { id: string; content: Buffer }[],
): Promise<CorpusMailbox> {
  const out = createWriteStream(join(folder, file));
  for (const { content } of messages) if (!out.write(content)) await once(out, 'drain');
  out.end();
  await once(out, 'finish');
  return { id, file, messages: messages.map((message) => ({ id: message.id, length: message.content.length })) };
}

function composer(random: SeededRandom, large: boolean): (messageId: string) => Buffer {
  const pages = textPages(random);
  const sent: Buffer[] = [];
  const text = (length: number) => {
    const page = random.pick(pages);
    const from = random.below(Math.max(1, page.length - length));
    return page.subarray(from, from + length);
  };
  return (messageId) => {
    const head = `Message-ID: ${messageId}\r\nFrom: Ada <ada@example.com>\r\nSubject: ${text(40).toString().replaceAll('\r\n', ' ')}\r\n`;
    const body = text(Math.min(200_000, Math.round(9000 * logNormal(random, 0.8))));
    if (!large && !random.chance(45))
      return Buffer.concat([Buffer.from(`${head}Content-Type: text/plain\r\n\r\n`), body]);
    if (sent.length === 0 || !random.chance(33)) {
      const usual = Math.min(3_000_000, Math.round(19_000 * logNormal(random, 1.2)));
      const length = large ? 750_000 + random.below(2_250_000) : usual;
      sent.push(random.chance(50) ? random.bytes(length) : Buffer.from(text(length)));
      if (sent.length > (large ? 50 : 500)) sent.shift();
      return withAttachment(head, body, sent.at(-1)!);
    }
    return withAttachment(head, body, random.pick(sent));
  };
}

function withAttachment(head: string, body: Buffer, attachment: Buffer): Buffer {
  const encoded = attachment.toString('base64').replace(/.{76}/g, '$&\r\n');
  return Buffer.concat([
    Buffer.from(`${head}Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n`),
    body,
    Buffer.from('\r\n--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n'),
    Buffer.from(`${encoded}\r\n--b--\r\n`),
  ]);
}

function withHeader(message: Buffer, header: string): Buffer {
  return Buffer.concat([Buffer.from(`${header}\r\n`), message]);
}

/** Text that compresses about as business mail does: words drawn by Zipf's law. */
function textPages(random: SeededRandom): Buffer[] {
  const syllables =
    'ba be co da en er fa ge ha in ion ka la me mi na no on or pa pre qua ra re sa si ta te un ve wi ya zo'.split(' ');
  const words = Array.from({ length: VOCABULARY }, () =>
    Array.from({ length: 1 + random.below(4) }, () => random.pick(syllables)).join(''),
  );
  return Array.from({ length: 16 }, () => {
    let page = '';
    let line = 0;
    while (page.length < PAGE) {
      const rank = Math.floor(Math.exp((random.below(10_000) / 10_000) * Math.log(VOCABULARY)));
      const word = random.chance(6) ? String(random.below(1_000_000)) : words[rank - 1]!;
      page += word;
      line += word.length + 1;
      page += line > 72 ? '\r\n' : ' ';
      if (line > 72) line = 0;
    }
    return Buffer.from(page);
  });
}

/** Around 1; `spread` is the standard deviation of its logarithm. */
function logNormal(random: SeededRandom, spread: number): number {
  const uniform = (1 + random.below(1_000_000)) / 1_000_001;
  const angle = 2 * Math.PI * (random.below(1_000_000) / 1_000_000);
  return Math.exp(spread * Math.sqrt(-2 * Math.log(uniform)) * Math.cos(angle));
}
