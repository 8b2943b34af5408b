import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { simpleParser, type ParsedMail } from 'mailparser';
import type { CanonicalAttachment, CanonicalMessage, MailboxTruth, MessageTruth } from '@backhaul/graph-simulator';
import { useSimulator } from './support/use-simulator.ts';

/*
 * The MIME that the simulator renders is read back by a parser that it does not use itself, and compared with the
 * structure that it was rendered from.
 */

const bench = useSimulator({ mailboxes: 1, messages: 160, largeFolder: 0, bytes: 160 * 9000, seed: 3 });

async function truths(): Promise<MailboxTruth> {
  const [user] = await bench.simulator.control.users();
  return bench.simulator.control.truth({ mailbox: user!.id });
}

async function mimeOf(truth: MailboxTruth, message: MessageTruth): Promise<Buffer> {
  const answer = await bench.graph.call(`/users/${truth.mailbox}/messages/${message.id}/$value`);
  expect(answer.status).toBe(200);
  return answer.bytes;
}

function normalText(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll('\0', '')
    .replace(/\r\n|\r/g, '\n')
    .replace(/[ \t]+(?=\n)/g, '')
    .trimEnd();
}

function oneLine(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[ \t\r\n]+/g, ' ')
    .trim();
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('the MIME of generated messages', () => {
  test('says what the truth says: bodies and attachments', async () => {
    const truth = await truths();
    expect(truth.messages).toHaveLength(160);
    for (const message of truth.messages) {
      const canonical = message.canonical!;
      const parsed = await simpleParser(await mimeOf(truth, message), { skipTextToHtml: true, keepCidLinks: true });
      expect({ subject: canonical.subject, body: bodyOf(parsed, canonical) }).toEqual({
        subject: canonical.subject,
        body: canonical.body,
      });
      expect({ subject: canonical.subject, files: filesOf(parsed, canonical) }).toEqual({
        subject: canonical.subject,
        files: wantedFiles(canonical),
      });
    }
  });

  test('says what the truth says: subject, people and dates', async () => {
    const truth = await truths();
    for (const message of truth.messages) {
      const canonical = message.canonical!;
      const mime = await mimeOf(truth, message);
      const parsed = await simpleParser(mime);
      if (/^Subject: a second subject/m.test(mime.toString('latin1')) || /[\u0080-\u00ff]/.test(headerOf(mime)))
        continue;
      expect(oneLine(parsed.subject ?? '')).toBe(canonical.subject);
      expect(parsed.date?.toISOString() ?? null).toBe(
        canonical.sentAt === null ? null : canonical.sentAt.replace('Z', '.000Z'),
      );
      expect(parsed.messageId ?? '').toBe(canonical.internetMessageId);
      const to = [parsed.to ?? []]
        .flat()
        .flatMap(({ value }) => value)
        .map(({ name, address = '' }) => ({
          name: name.toLowerCase() === address.toLowerCase() ? '' : oneLine(name),
          address: address.toLowerCase(),
        }));
      expect(to).toEqual(canonical.to);
    }
  });

  test('differs at every fetch, and still says the same', async () => {
    const truth = await truths();
    for (const message of truth.messages.slice(0, 40)) {
      const [first, second] = [await mimeOf(truth, message), await mimeOf(truth, message)];
      expect(first.equals(second)).toBe(false);
      expect(first.length).toBe(second.length);
    }
  });

  test('has lines that end in CR LF, and no byte above 127 in headers unless the oddity says so', async () => {
    const truth = await truths();
    let rawHeaders = 0;
    for (const message of truth.messages) {
      const mime = (await mimeOf(truth, message)).toString('latin1');
      expect(mime).not.toMatch(/[^\r]\n/);
      if (/[\u0080-\u00ff]/.test(headerOf(Buffer.from(mime, 'latin1')))) rawHeaders++;
    }
    expect(rawHeaders).toBeGreaterThanOrEqual(2);
    expect(rawHeaders).toBeLessThan(20);
  });

  test('is logged with the SHA-256 of what was sent', async () => {
    const truth = await truths();
    const mime = await mimeOf(truth, truth.messages[0]!);
    const { entries } = await bench.simulator.control.log();
    expect(entries.at(-1)).toMatchObject({
      status: 200,
      bytes: mime.length,
      sha256: sha256(mime),
      mailbox: truth.mailbox,
    });
  });
});

type Parsed = ParsedMail;

function headerOf(mime: Buffer): string {
  return mime.toString('latin1', 0, mime.indexOf('\r\n\r\n'));
}

function bodyOf(parsed: Parsed, { body }: CanonicalMessage): CanonicalMessage['body'] {
  if (body.type === 'html') return { type: 'html', text: normalText(parsed.html === false ? '' : (parsed.html ?? '')) };
  return { type: 'text', text: normalText(parsed.text ?? '') };
}

/** Embedded messages are compared by their number: the parser gives them as bytes. */
function filesOf(parsed: Parsed, canonical: CanonicalMessage): object[] {
  const files = parsed.attachments.filter(
    (file) => file.contentType !== 'message/rfc822' && file.contentType !== 'message/external-body',
  );
  const items = parsed.attachments.filter((file) => file.contentType === 'message/rfc822');
  expect(items).toHaveLength(canonical.attachments.filter(({ kind }) => kind === 'item').length);
  return sorted(
    files.map((file) => ({
      name: oneLine(file.filename ?? ''),
      contentType: headerType(file),
      contentId: (file.contentId ?? '').replace(/^<|>$/g, ''),
      isInline: file.contentDisposition === 'inline',
      sha256: sha256(file.content),
    })),
  );
}

function wantedFiles(canonical: CanonicalMessage): object[] {
  const files = canonical.attachments.filter(
    (file): file is CanonicalAttachment & { kind: 'file' } => file.kind === 'file',
  );
  return sorted(
    files.map(({ name, contentType, contentId, isInline, sha256: digest }) => ({
      name,
      contentType,
      contentId,
      isInline,
      sha256: digest,
    })),
  );
}

/** The parser guesses a type from the name when the header says octet-stream or nothing; the header is what counts. */
function headerType({ headers }: Parsed['attachments'][number]): string {
  const type = headers.get('content-type') as { value: string } | undefined;
  return type?.value.toLowerCase() ?? 'application/octet-stream';
}

function sorted(objects: object[]): object[] {
  return objects.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
