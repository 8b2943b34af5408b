import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ControlClient, startSimulator, type MailboxTruth } from '@backhaul/graph-simulator';
import { useSimulator } from './support/use-simulator.ts';

const bench = useSimulator({ mailboxes: 3, messages: 300, largeFolder: 0, bytes: 300 * 1500, seed: 21 });

async function truth(mark?: number): Promise<MailboxTruth[]> {
  const users = (await bench.simulator.control.users()).filter(({ messages }) => messages > 0);
  return Promise.all(
    users.map(({ id }) =>
      bench.simulator.control.truth({ mailbox: id, forms: false, ...(mark !== undefined && { mark }) }),
    ),
  );
}

/** Everything about the truth but the mark that it was asked for. */
const plain = (truths: MailboxTruth[]): object[] => truths.map(({ mark: _, ...rest }) => rest);

describe('the tenant', () => {
  test('follows from its seed', async () => {
    const options = { mailboxes: 2, messages: 60, seed: 77 };
    const simulators = await Promise.all([
      startSimulator(options),
      startSimulator(options),
      startSimulator({ ...options, seed: 78 }),
    ]);
    const views = await Promise.all(
      simulators.map(async ({ control, tenantId }) => {
        const users = await control.users();
        return JSON.stringify([tenantId, users, await control.truth({ mailbox: users[0]!.id })]);
      }),
    );
    await Promise.all(simulators.map((simulator) => simulator.close()));
    expect(views[0] === views[1]).toBe(true);
    expect(views[0] === views[2]).toBe(false);
  });

  test('shares attachments between messages and mailboxes', async () => {
    const seen = new Map<string, Set<string>>();
    for (const { mailbox, messages } of await truth()) {
      for (const { sha256, size } of messages.flatMap(({ attachments }) => attachments)) {
        if (sha256 !== null && size > 0) seen.set(sha256, (seen.get(sha256) ?? new Set()).add(mailbox));
      }
    }
    expect([...seen.values()].some((mailboxes) => mailboxes.size > 1)).toBe(true);
  });

  test('has the bytes that were asked for', async () => {
    const sizes = await startSimulator({ mailboxes: 4, messages: 400, bytes: 12_000_000 });
    let total = 0;
    for (const { id, messages } of await sizes.control.users()) {
      if (messages === 0) continue;
      const { messages: list } = await sizes.control.truth({ mailbox: id });
      for (const { canonical, attachments } of list) {
        total += Buffer.byteLength(canonical!.body.text) + attachments.reduce((sum, { size }) => sum + size, 0);
      }
    }
    await sizes.close();
    expect(total).toBeGreaterThan(11_000_000);
    expect(total).toBeLessThan(30_000_000);
  });
});

describe('a change', () => {
  test('touches the asked share of each mailbox, each message by one kind, and reports what it did', async () => {
    const before = await truth();
    const report = await bench.simulator.control.change({ percent: 3, seed: 4, renameFolder: true });
    const after = await truth();
    expect([report.new.length, report.changed.length, report.moved.length, report.deleted.length]).toEqual([
      9, 9, 9, 9,
    ]);
    const index = (truths: MailboxTruth[]): Map<string, MailboxTruth['messages'][number]> =>
      new Map(truths.flatMap(({ messages }) => messages.map((message) => [message.id, message] as const)));
    const [old, now] = [index(before), index(after)];
    for (const { id } of report.new) expect([old.has(id), now.has(id)]).toEqual([false, true]);
    for (const { id } of report.deleted) expect([old.has(id), now.has(id)]).toEqual([true, false]);
    for (const { id } of report.moved) expect(now.get(id)!.folderId).not.toBe(old.get(id)!.folderId);
    for (const { id } of report.changed) {
      expect(now.get(id)!.folderId).toBe(old.get(id)!.folderId);
      expect(now.get(id)!.changeKey).not.toBe(old.get(id)!.changeKey);
      expect(now.get(id)!.canonicalHash).not.toBe(old.get(id)!.canonicalHash);
    }
    const touched = new Set([...report.new, ...report.changed, ...report.moved, ...report.deleted].map(({ id }) => id));
    expect(touched.size).toBe(36);
    expect(report.renamedFolders).toHaveLength(3);
    for (const { mailbox, folderId, from, to } of report.renamedFolders) {
      const folders = after.find((entry) => entry.mailbox === mailbox)!.folders;
      expect(folders.find(({ id }) => id === folderId)!.path.at(-1)).toBe(to);
      expect(to).not.toBe(from);
    }
  });

  test('is deterministic: the same seed on the same state', async () => {
    const run = async (): Promise<string> => {
      const simulator = await startSimulator({ mailboxes: 2, messages: 100, seed: 5 });
      const report = await simulator.control.change({ percent: 5, seed: 8 });
      await simulator.close();
      return JSON.stringify(report);
    };
    expect(await run()).toBe(await run());
  });

  test('can be ordered for the n-th request, and is done before that one is answered', async () => {
    const [user] = await bench.simulator.control.users();
    const inbox = `/users/${user!.id}/mailFolders/inbox`;
    const { totalItemCount } = (await bench.graph.call(inbox)).json;
    const [message] = (await bench.graph.call(`${inbox}/messages?$top=1`)).json.value;
    await bench.simulator.control.changeAtRequest({
      inRequests: 2,
      edits: [{ do: 'delete-message', mailbox: user!.id, message: message.id }],
    });
    await bench.simulator.control.changeAtRequest({
      inRequests: 2,
      edits: [{ do: 'delete-message', mailbox: user!.id, message: message.id }],
    });
    expect((await bench.graph.call(inbox)).json.totalItemCount).toBe(totalItemCount);
    expect((await bench.graph.call(inbox)).json.totalItemCount).toBe(totalItemCount - 1);
    const applied = await bench.simulator.control.appliedChanges();
    expect(applied.map(({ error, edits }) => [error === null, edits.length])).toEqual([
      [true, 1],
      [false, 0],
    ]);
  });

  test.each([
    [{ percent: 101 }, /percent must be/],
    [{ percent: 1, kinds: ['burnt'] as never }, /kinds may hold/],
    [{ percent: 1, mailboxes: ['nobody'] }, /there is no mailbox of nobody/],
  ])('that makes no sense is refused: %j', async (request, message) => {
    await expect(bench.simulator.control.change(request)).rejects.toThrow(message);
  });
});

describe('a mark', () => {
  test('is the truth of then, whatever happens later', async () => {
    const mark = await bench.simulator.control.mark();
    const then = await truth();
    await bench.simulator.control.change({ percent: 10, seed: 6, renameFolder: true });
    const [user] = await bench.simulator.control.users();
    const projects = then
      .find(({ mailbox }) => mailbox === user!.id)!
      .folders.find(({ wellKnownName, hidden }) => wellKnownName === null && !hidden)!;
    await bench.simulator.control.edit({ do: 'delete-folder', mailbox: user!.id, folder: projects.id });
    expect(plain(await truth(mark))).toEqual(plain(then));
    expect(plain(await truth())).not.toEqual(plain(then));
  });
});

describe('given messages', () => {
  test('as JSON keep their dates and may hold links', async () => {
    const user = await bench.simulator.control.addUser();
    await bench.simulator.control.addMessage({
      mailbox: user.userPrincipalName,
      message: {
        subject: 'given',
        sentDateTime: '2019-01-01T00:00:00Z',
        receivedDateTime: '2019-01-01T00:00:09.5Z',
        body: { contentType: 'text', content: 'x' },
        attachments: [{ '@odata.type': '#microsoft.graph.referenceAttachment', name: 'link.docx' }],
      },
    });
    const { messages } = await bench.simulator.control.truth({ mailbox: user.id });
    expect(messages).toMatchObject([
      {
        isDraft: false,
        canonical: {
          subject: 'given',
          sentAt: '2019-01-01T00:00:00Z',
          receivedAt: '2019-01-01T00:00:09Z',
          attachments: [{ kind: 'reference', name: 'link.docx' }],
        },
      },
    ]);
  });

  const corpus = resolve(import.meta.dirname, '../../../../shared/corpus/mail');
  const known = existsSync(corpus);
  (known ? test : test.skip)(
    `as MIME are delivered byte for byte, however broken (${known ? 'corpus beside the checkout' : 'skipped: no ../shared/corpus beside the checkout'})`,
    async () => {
      const user = await bench.simulator.control.addUser();
      const files = readdirSync(corpus);
      for (const file of files) {
        const bytes = readFileSync(join(corpus, file));
        const { id } = await bench.simulator.control.addMessage({
          mailbox: user.id,
          mimeBase64: bytes.toString('base64'),
        });
        const answer = await bench.graph.call(`/users/${user.id}/messages/${id}/$value`);
        expect(answer.bytes.equals(bytes)).toBe(true);
      }
      const { messages } = await bench.simulator.control.truth({ mailbox: user.id });
      expect(messages.map(({ mimeSha256 }) => mimeSha256).sort()).toEqual(
        files
          .map((file) =>
            createHash('sha256')
              .update(readFileSync(join(corpus, file)))
              .digest('hex'),
          )
          .sort(),
      );
      const { value } = await bench.graph.all(`/users/${user.id}/messages?$top=50`);
      expect(value).toHaveLength(files.length);
    },
  );
});

describe('the control port', () => {
  test('needs its token', async () => {
    await expect(new ControlClient(bench.simulator.controlUrl, 'wrong').users()).rejects.toThrow(/401/);
  });

  test('refuses what is no setting', async () => {
    await expect(bench.simulator.control.updateSettings({ latency: 5 } as never)).rejects.toThrow(
      /there is no setting latency/,
    );
    await expect(bench.simulator.control.updateSettings({ latencyMs: -1 })).rejects.toThrow(
      /latencyMs must be a number/,
    );
  });
});
