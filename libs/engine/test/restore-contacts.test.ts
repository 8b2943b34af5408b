import { describe, expect, test } from '@jest/globals';
import type { CollisionRule } from '@backhaul/domain';
import { emptyWholeMailbox, everythingIn, halfMade, wholeMailbox } from './restore-kinds-scene.ts';
import { failure } from './planned-failure.ts';
import { done, restore } from './restore-scene.ts';

const CONTACTS = { selection: { type: 'all' as const, kinds: ['contacts' as const] } };

describe('where contacts go', () => {
  test('the standard folder is found whatever it is called, others are made below it', async () => {
    const [from, into] = [wholeMailbox(), emptyWholeMailbox()];
    const result = await done((await restore(from, into, CONTACTS))());
    expect(result).toMatchObject({ outcome: 'succeeded', issues: [], counts: { itemsTotal: 2, itemsRestored: 2 } });
    const [original, restored] = [await everythingIn(from), await everythingIn(into)];
    expect(restored).toEqual({
      'contacts/Kontakte': original['contacts/Contacts'],
      'contacts/Kontakte/Family': original['contacts/Contacts/Family'],
    });
  });

  test('below a new top folder the whole path is made anew', async () => {
    const mailbox = wholeMailbox();
    const placement = { type: 'new-folder', name: 'Restored' } as const;
    await done((await restore(mailbox, mailbox, { ...CONTACTS, placement }))());
    const all = await everythingIn(mailbox);
    expect(all['contacts/Restored/Contacts/Family']).toEqual(all['contacts/Contacts/Family']);
    expect(all['contacts/Restored/Contacts']).toEqual(all['contacts/Contacts']);
  });

  test('a selected folder brings those below it', async () => {
    const [from, into] = [wholeMailbox(), emptyWholeMailbox()];
    const selection = { type: 'folders' as const, folderIds: ['contacts'] };
    expect((await done((await restore(from, into, { selection }))())).counts.itemsRestored).toBe(2);
  });
});

describe('contacts that are there already', () => {
  const jobsIn = (mailbox: ReturnType<typeof wholeMailbox>) =>
    mailbox.contacts.in('contacts').map(({ properties }) => properties.jobTitle ?? '');

  test.each<[CollisionRule, string[]]>([
    ['skip', ['Queen', 'Countess']],
    ['only-missing', ['Queen']],
    ['replace', ['Countess']],
    ['keep-both', ['Queen', 'Countess']],
  ])('"%s" of one that was changed since', async (collision, jobs) => {
    const mailbox = wholeMailbox();
    const run = await restore(mailbox, mailbox, { ...CONTACTS, collision });
    mailbox.contacts.change('contact-1', ({ properties }) => Object.assign(properties, { jobTitle: 'Queen' }));
    await done(run());
    expect(jobsIn(mailbox)).toEqual(jobs);
    expect(mailbox.contacts.in('family')).toHaveLength(collision === 'keep-both' ? 2 : 1);
  });

  test('one that has another name now is still known by its id where it was', async () => {
    const mailbox = wholeMailbox();
    const run = await restore(mailbox, mailbox, { ...CONTACTS, collision: 'replace' });
    mailbox.contacts.change('contact-1', ({ properties }) => Object.assign(properties, { displayName: 'Ada King' }));
    await done(run());
    expect(mailbox.contacts.in('contacts').map(({ properties }) => properties.displayName)).toEqual(['Person 1']);
  });

  test('another person with the same name is nobody’s version', async () => {
    const [from, into] = [wholeMailbox(), emptyWholeMailbox()];
    into.addContact('kontakte', { displayName: 'Person 1', emailAddresses: [{ address: 'other@example.com' }] });
    await done((await restore(from, into, { ...CONTACTS, collision: 'replace' }))());
    expect(into.contacts.in('kontakte')).toHaveLength(2);
  });

  test('the same one with another photo is another version', async () => {
    const mailbox = wholeMailbox();
    const run = await restore(mailbox, mailbox, CONTACTS);
    mailbox.contacts.item('contact-1').photo = Buffer.from('another photo');
    expect((await done(run())).counts).toMatchObject({ itemsRestored: 1, itemsSkipped: 1 });
  });
});

describe('what is lost of contacts', () => {
  test('fields that Exchange shortens are named; a later restore takes the shortened one for the same', async () => {
    const [from, into] = [wholeMailbox(), emptyWholeMailbox()];
    const emailAddresses = ['a', 'b', 'c', 'd'].map((who) => ({ name: who, address: `${who}@example.com` }));
    from.contacts.change('contact-1', ({ properties }) => Object.assign(properties, { emailAddresses }));
    const result = await done((await restore(from, into, CONTACTS))());
    expect(result).toMatchObject({
      outcome: 'warning',
      counts: { itemsRestored: 1, itemsDegraded: 1, itemsFailed: 0 },
      issues: [{ itemId: 'contact-1', result: 'degraded', failure: { code: 'restore.field-shortened' } }],
    });
    expect(result.issues[0]?.failure.message).toContain('"emailAddresses"');
    const again = await restore(from, into, { ...CONTACTS, restoreId: 'restore-2' });
    expect((await done(again())).counts).toMatchObject({ itemsSkipped: 2 });
  });

  test('a photo that is refused is named, also when the restore goes on later', async () => {
    const [from, into] = [wholeMailbox(), emptyWholeMailbox()];
    into.plan({ on: 'setPhoto', failure: failure('invalid-input') });
    const run = await restore(from, into, CONTACTS, { verifyUpTo: 0 });
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      expect(await done(run())).toMatchObject({
        counts: { itemsRestored: 1, itemsDegraded: 1 },
        issues: [{ failure: { code: 'restore.photo-refused' } }],
      });
    }
    expect(into.contacts.items.size).toBe(2);
  });

  test('what the target altered is found when it is read back, by the name of the field', async () => {
    const [from, into] = [wholeMailbox(), emptyWholeMailbox()];
    into.beforeRequest = ({ kind }) => {
      if (kind !== 'contact') return;
      for (const { properties } of into.contacts.items.values()) properties.title = 'Dr';
    };
    const result = await done((await restore(from, into, CONTACTS))());
    expect(result.counts).toMatchObject({ itemsRestored: 0, itemsDegraded: 2 });
    expect(result.issues[0]).toMatchObject({ failure: { code: 'restore.differs', where: { members: 'title' } } });
  });
});

test('a contact that a crash left without its photo is made anew', async () => {
  const [from, into] = [wholeMailbox(), emptyWholeMailbox()];
  const run = await restore(from, into, CONTACTS);
  into.plan({ on: 'setPhoto', failure: failure('lease-lost') });
  await expect(run()).rejects.toMatchObject({ kind: 'lease-lost' });
  expect(halfMade(into)).toHaveLength(1);
  expect(await done(run())).toMatchObject({ outcome: 'succeeded', counts: { itemsRestored: 2 } });
  expect(into.contacts.in('kontakte').map(({ photo }) => Buffer.from(photo ?? []).toString())).toEqual(['a photo']);
});
