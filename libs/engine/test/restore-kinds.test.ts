import { describe, expect, test } from '@jest/globals';
import type { ItemKind } from '@backhaul/domain';
import { Failure, isFailure } from '@backhaul/domain';
import type { FakeMailbox } from '../testing/index.ts';
import { emptyWholeMailbox, everythingIn, halfMade, wholeMailbox } from './restore-kinds-scene.ts';
import { failure } from './planned-failure.ts';
import { done, restore } from './restore-scene.ts';

const sizes = ({ mail, contacts, calendar }: FakeMailbox) => [mail, contacts, calendar].map(({ items }) => items.size);

describe('what of a mailbox is restored', () => {
  test.each<[ItemKind[], number[]]>([
    [[], [3, 2, 2]],
    [['mail'], [3, 0, 0]],
    [
      ['contacts', 'calendar'],
      [0, 2, 2],
    ],
    [['files'], [0, 0, 0]],
  ])('all of the kinds %j', async (kinds, expected) => {
    const into = emptyWholeMailbox();
    await done((await restore(wholeMailbox(), into, { selection: { type: 'all', kinds } }))());
    expect(sizes(into)).toEqual(expected);
  });

  test('kinds of which nothing is restored are not even asked for their folders', async () => {
    const into = emptyWholeMailbox();
    await done((await restore(wholeMailbox(), into, { selection: { type: 'all', kinds: ['contacts'] } }))());
    expect(into.requests.map(({ kind }) => kind)).not.toContain('calendars');
    expect(into.requests.map(({ kind }) => kind)).not.toContain('folders');
  });

  test('items of different kinds together', async () => {
    const into = emptyWholeMailbox();
    const items = [
      { folderId: 'sent', itemId: 'message-3' },
      { folderId: 'family', itemId: 'contact-2' },
      { folderId: 'sports', itemId: 'event-1' },
    ];
    await done((await restore(wholeMailbox(), into, { selection: { type: 'items', items } }))());
    expect(sizes(into)).toEqual([1, 1, 1]);
  });

  test('what lay among the recoverable items comes back where it can be seen', async () => {
    const [from, into] = [wholeMailbox(), emptyWholeMailbox()];
    from.addFolder({ id: 'dumpster', name: 'Deletions', hidden: true, wellKnownName: 'recoverableitemsdeletions' });
    from.addMessage('dumpster');
    await done((await restore(from, into))());
    expect([...into.folders.values()].find(({ name }) => name === 'Deletions')).toMatchObject({ hidden: false });
  });
});

describe('a restore that ends at any request', () => {
  test.each([
    ['before it takes effect', false],
    ['after it took effect', true],
  ])('%s goes on without doubling or losing anything', async (_when, answerLost) => {
    const original = wholeMailbox();
    const expected = formsOf(await everythingIn(original));
    let requests = Number.POSITIVE_INFINITY;
    for (let at = 1; at <= requests; at += 1) {
      const into = emptyWholeMailbox();
      into.concurrency = 1;
      const run = await restore(original, into, {}, { verifyUpTo: 0 });
      endAt(into, at, answerLost);
      const ended = await run().catch((error: unknown) => error);
      if (!isFailure(ended)) {
        requests = into.requests.length;
        break;
      }
      expect((await done(run())).counts).toMatchObject({ itemsTotal: 7, itemsFailed: 0, itemsDegraded: 0 });
      expect({ at, all: formsOf(await everythingIn(into)) }).toEqual({ at, all: expected });
      expect(halfMade(into)).toEqual([]);
    }
    expect(requests).toBeGreaterThan(30);
  });
});

/** Whatever folders are called in the target's language. */
function formsOf(everything: Record<string, string[]>): string[] {
  return Object.values(everything)
    .map((forms) => forms.join('\n'))
    .sort();
}

/** The process ends at the request of this number. */
function endAt(mailbox: FakeMailbox, number: number, answerLost: boolean): void {
  const dead = new Failure('internal', { code: 'test.dead', message: `Dead at ${number}.`, retry: 'later' });
  let seen = 0;
  mailbox.beforeRequest = ({ kind }) => {
    seen += 1;
    if (seen === number) mailbox.plan({ on: kind, failure: dead, answerLost });
  };
}

test.each(['create', 'findTwins', 'setPhoto', 'changeOccurrence', 'occurrences'] as const)(
  'throttling at %s yields, and the next attempt goes on',
  async (on) => {
    const [from, into] = [wholeMailbox(), emptyWholeMailbox()];
    into.plan({ on, failure: failure('throttled', 90_000) });
    const run = await restore(from, into);
    expect(await run()).toMatchObject({ type: 'yielded', notBeforeMs: 90_000 });
    expect(await done(run())).toMatchObject({ outcome: 'succeeded', counts: { itemsRestored: 7 } });
    expect(sizes(into)).toEqual([3, 2, 2]);
  },
);
