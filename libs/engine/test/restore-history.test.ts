import { describe, expect, test } from '@jest/globals';
import { Failure, type FailureKind } from '@backhaul/domain';
import fc from 'fast-check';
import { backupMailbox, canonicalHash, canonicalMessage, folderPaths, restoreMailbox } from '../src/index.ts';
import {
  backupWork,
  buildMime,
  fakeMailboxSources,
  fakeMailboxTargets,
  FakeMailbox,
  fileAttachment,
  MemoryRepository,
  objectTask,
  restoreWork,
  workContext,
  type RequestKind,
} from '../testing/index.ts';

// Random restores: they crash, lose answers, are throttled, and are taken up again. fast-check prints seed and path of one
// that fails, and the shortest one it finds.

const CHAIN = { jobId: 'job-1', objectId: 'object-1' };

interface Message {
  folder: number;
  attachments: number;
  /** The same as the message before it, under another id. */
  repeatsLast: boolean;
  isRead: boolean;
  /** It is in the target before the restore begins. */
  isThere: boolean;
}

interface Trouble {
  on: RequestKind;
  nth: number;
  /** `lost`: the answer to a request that took effect; `dead`: the process ends, before or after the effect. */
  how: 'refused' | 'lost' | 'throttled' | 'dead-before' | 'dead-after';
}

const message: fc.Arbitrary<Message> = fc.record({
  folder: fc.nat(3),
  attachments: fc.nat(2),
  repeatsLast: fc.boolean(),
  isRead: fc.boolean(),
  isThere: fc.boolean(),
});

const trouble: fc.Arbitrary<Trouble> = fc.record({
  on: fc.constantFrom('create', 'create', 'attach', 'attach', 'markComplete', 'remove', 'findMarked', 'findTwins'),
  nth: fc.integer({ min: 1, max: 8 }),
  how: fc.constantFrom('refused', 'lost', 'throttled', 'dead-before', 'dead-after'),
});

describe('whatever happens to a restore', () => {
  test.each(['skip', 'replace', 'keep-both'] as const)(
    'in the end every message is there exactly as often as in the point (%s)',
    async (collision) => {
      const scene = fc.record({
        messages: fc.array(message, { maxLength: 12 }),
        troubles: fc.array(trouble, { maxLength: 5 }),
        concurrency: fc.integer({ min: 1, max: 4 }),
      });
      await fc.assert(
        fc.asyncProperty(scene, async ({ messages, troubles, concurrency }) => {
          const [from, into] = mailboxes(messages, collision !== 'keep-both');
          into.concurrency = concurrency;
          const point = await pointOf(from);
          for (const one of troubles) into.plan({ on: one.on, nth: one.nth, ...faultOf(one) });
          await restoreUntilDone(into, () =>
            restoreMailbox({
              targets: fakeMailboxTargets(into),
              point,
              work: restoreWork({ collision }),
              context: workContext(),
            }),
          );
          expect(await formsByPath(into)).toEqual(await formsByPath(from));
          expect([...into.messages.values()].filter(({ mark }) => mark?.complete === false)).toEqual([]);
        }),
        { numRuns: Number(process.env['HISTORIES'] ?? 100) },
      );
    },
    120_000,
  );
});

/** The original, and a target that has some of its messages. */
function mailboxes(messages: readonly Message[], withThoseThere: boolean): [FakeMailbox, FakeMailbox] {
  const [from, into] = [new FakeMailbox(), new FakeMailbox()];
  const folders = ['inbox', 'projects', 'deep', 'sent'];
  for (const mailbox of [from, into])
    mailbox.addFolder({ id: `${mailbox === from ? '' : 'their-'}inbox`, name: 'Inbox', wellKnownName: 'inbox' });
  from.addFolder({ id: 'projects', name: 'Projects', parentId: 'inbox' });
  from.addFolder({ id: 'deep', name: 'Deep', parentId: 'projects' });
  from.addFolder({ id: 'sent', name: 'Sent' });
  for (const [index, { folder, attachments, repeatsLast, isRead, isThere }] of messages.entries()) {
    const last = repeatsLast ? from.messages.get(`m${index - 1}`) : undefined;
    const files = Array.from({ length: attachments }, (_, n) => fileAttachment({ name: `${n}.bin` }));
    const made =
      last === undefined
        ? from.addMessage(folders[folder] ?? 'inbox', { id: `m${index}`, isRead }, { attachments: files })
        : from.addMessage(last.properties.parentFolderId, { ...last.properties, id: `m${index}` }, last.content);
    const { id: _id, ...properties } = made.properties;
    if (withThoseThere && isThere && properties.parentFolderId === 'inbox')
      into.addMessage('their-inbox', properties, made.content);
  }
  return [from, into];
}

async function pointOf(mailbox: FakeMailbox) {
  const repository = new MemoryRepository();
  const input = {
    sources: fakeMailboxSources(mailbox),
    task: objectTask(),
    work: backupWork(),
    context: workContext(),
  };
  await backupMailbox({ ...input, writer: repository.openWriter() });
  return repository.openPoint(CHAIN);
}

/** Begins the restore again after every crash, yield and failed item, as Director and operator would. */
async function restoreUntilDone(into: FakeMailbox, attempt: () => ReturnType<typeof restoreMailbox>): Promise<void> {
  for (let attempts = 1; attempts <= 20; attempts += 1) {
    try {
      const outcome = await attempt();
      if (outcome.type === 'done' && outcome.counts.itemsFailed === 0) {
        const { itemsTotal, itemsRestored, itemsSkipped, itemsDegraded } = outcome.counts;
        expect(itemsRestored + itemsSkipped + itemsDegraded).toBe(itemsTotal);
        into.plannedFaults.length = 0;
        return;
      }
    } catch (error) {
      // What can be repeated the Director repeats.
      if (!(error instanceof Failure) || error.retry === 'never') throw error;
    }
  }
  throw new Error('The restore did not end.');
}

function faultOf({ how }: Trouble): { failure: Failure; answerLost: boolean } {
  const kinds: Record<Trouble['how'], FailureKind> = {
    refused: 'unavailable',
    lost: 'timed-out',
    throttled: 'throttled',
    'dead-before': 'internal',
    'dead-after': 'internal',
  };
  const code = how.startsWith('dead') ? 'test.dead' : 'test.fault';
  const failure = new Failure(kinds[how], { code, message: `Planned: ${how}.`, retry: 'later' });
  return { failure, answerLost: how === 'lost' || how === 'dead-after' };
}

/** Canonical hashes of a mailbox by folder path; ids and the order of messages do not count, folders without messages neither. */
async function formsByPath(mailbox: FakeMailbox): Promise<Record<string, string[]>> {
  const paths = folderPaths([...mailbox.folders.values()]);
  const forms: Record<string, string[]> = {};
  for (const { properties, content } of mailbox.messages.values()) {
    const path = paths.get(properties.parentFolderId) ?? [];
    const form = await canonicalMessage(properties, buildMime(properties, content), path);
    forms[path.join('/')] = [...(forms[path.join('/')] ?? []), canonicalHash(form)].sort();
  }
  return forms;
}
