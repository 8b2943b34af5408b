import { describe, expect, test } from '@jest/globals';
import { Failure, type FailureKind } from '@backhaul/domain';
import fc from 'fast-check';
import { restoreMailbox } from '../src/index.ts';
import {
  fakeMailboxTargets,
  FakeMailbox,
  fileAttachment,
  restoreWork,
  workContext,
  type RequestKind,
} from '../testing/index.ts';
import { addSeries, everythingIn, halfMade } from './restore-kinds-scene.ts';
import { pointOf } from './restore-scene.ts';

// Random restores of items of every kind: they crash, lose answers, are throttled, and are taken up again. fast-check prints
// seed and path of one that fails, and the shortest one it finds.

interface Item {
  kind: 'message' | 'contact' | 'event' | 'series';
  folder: number;
  attachments: number;
  /** The same as the item of its kind before it, under another id. */
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

const item: fc.Arbitrary<Item> = fc.record({
  kind: fc.constantFrom('message', 'message', 'message', 'contact', 'event', 'series'),
  folder: fc.nat(3),
  attachments: fc.nat(2),
  repeatsLast: fc.boolean(),
  isRead: fc.boolean(),
  isThere: fc.boolean(),
});

const REQUESTS = ['create', 'create', 'attach', 'attach', 'markComplete', 'remove', 'findMarked', 'findTwins'] as const;
const OF_OTHER_KINDS = ['setPhoto', 'occurrences', 'changeOccurrence', 'cancelOccurrence', 'detach'] as const;
const trouble: fc.Arbitrary<Trouble> = fc.record({
  on: fc.constantFrom(...REQUESTS, ...OF_OTHER_KINDS),
  nth: fc.integer({ min: 1, max: 8 }),
  how: fc.constantFrom('refused', 'lost', 'throttled', 'dead-before', 'dead-after'),
});

describe('whatever happens to a restore', () => {
  test.each(['skip', 'replace', 'keep-both'] as const)(
    'in the end every item is there exactly as often as in the point (%s)',
    async (collision) => {
      const scene = fc.record({
        items: fc.array(item, { maxLength: 12 }),
        troubles: fc.array(trouble, { maxLength: 5 }),
        concurrency: fc.integer({ min: 1, max: 4 }),
      });
      await fc.assert(
        fc.asyncProperty(scene, async ({ items, troubles, concurrency }) => {
          const [from, into] = mailboxes(items, collision !== 'keep-both');
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
          expect(await everythingIn(into)).toEqual(await everythingIn(from));
          expect(halfMade(into)).toEqual([]);
        }),
        { numRuns: Number(process.env['HISTORIES'] ?? 100) },
      );
    },
    120_000,
  );
});

/** The original, and a target that has some of its items. */
function mailboxes(items: readonly Item[], withThoseThere: boolean): [FakeMailbox, FakeMailbox] {
  const [from, into] = [new FakeMailbox(), new FakeMailbox()];
  for (const mailbox of [from, into]) {
    const their = mailbox === from ? '' : 'their-';
    mailbox.addFolder({ id: `${their}inbox`, name: 'Inbox', wellKnownName: 'inbox' });
    mailbox.contacts.addFolder({ id: `${their}contacts`, name: 'Contacts', wellKnownName: 'contacts' });
    mailbox.calendar.addFolder({ id: `${their}calendar`, name: 'Calendar', wellKnownName: 'calendar' });
  }
  from.addFolder({ id: 'projects', name: 'Projects', parentId: 'inbox' });
  from.addFolder({ id: 'deep', name: 'Deep', parentId: 'projects' });
  from.addFolder({ id: 'sent', name: 'Sent' });
  for (const one of items) addItem(one, from, withThoseThere && one.isThere ? into : null);
  return [from, into];
}

function addItem(one: Item, from: FakeMailbox, into: FakeMailbox | null): void {
  switch (one.kind) {
    case 'message':
      return addMessage(one, from, into);
    case 'contact':
      return addContact(one, from, into);
    default:
      return addEvent(one, from, into);
  }
}

function addMessage({ folder, attachments, repeatsLast, isRead }: Item, from: FakeMailbox, into: FakeMailbox | null) {
  const folderId = ['inbox', 'projects', 'deep', 'sent'][folder] ?? 'inbox';
  const files = Array.from({ length: attachments }, (_, n) => fileAttachment({ name: `${n}.bin` }));
  const last = repeatsLast ? [...from.messages.values()].at(-1) : undefined;
  const made =
    last === undefined
      ? from.addMessage(folderId, { isRead }, { attachments: files })
      : from.addMessage(last.properties.parentFolderId, withoutId(last.properties), last.content);
  if (made.properties.parentFolderId === 'inbox')
    into?.addMessage('their-inbox', withoutId(made.properties), made.content);
}

function addContact({ repeatsLast, attachments }: Item, from: FakeMailbox, into: FakeMailbox | null): void {
  const last = repeatsLast ? [...from.contacts.items.values()].at(-1) : undefined;
  const photo = attachments > 0 ? Buffer.from('a photo') : null;
  const made =
    last === undefined
      ? from.addContact('contacts', {}, { photo })
      : from.addContact('contacts', withoutId(last.properties), { photo: last.photo });
  into?.addContact('their-contacts', withoutId(made.properties), { photo: made.photo });
}

function addEvent({ kind, repeatsLast, attachments: n }: Item, from: FakeMailbox, into: FakeMailbox | null): void {
  const last = repeatsLast ? [...from.calendar.items.values()].at(-1) : undefined;
  const attachments = Array.from({ length: n }, (_, index) => fileAttachment({ name: `${index}.bin` }));
  const made =
    last !== undefined
      ? from.addEvent('calendar', withoutId(last.properties), copyOf(last))
      : kind === 'series'
        ? addSeries(from, 'calendar', { subject: `Series ${from.calendar.items.size}` })
        : from.addEvent('calendar', {}, { attachments });
  into?.addEvent('their-calendar', withoutId(made.properties), copyOf(made));
}

function copyOf({ attachments, exceptions }: ReturnType<FakeMailbox['addEvent']>) {
  return structuredClone({ attachments, exceptions });
}

function withoutId<P extends { id: string }>({ id: _id, ...rest }: P): Omit<P, 'id'> {
  return structuredClone(rest);
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
