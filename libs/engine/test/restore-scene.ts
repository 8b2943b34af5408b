import type { RestoreWork } from '@backhaul/domain';
import {
  backupMailbox,
  canonicalHash,
  canonicalMessage,
  restoreMailbox,
  type RestoreMailboxInput,
} from '../src/index.ts';
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
} from '../testing/index.ts';

/** The chain that {@link pointOf} reads. */
export const CHAIN = { jobId: 'job-1', objectId: 'object-1' };

/** A mailbox to back up: an inbox with a folder below it, and sent items. */
export function originalMailbox(): FakeMailbox {
  const mailbox = new FakeMailbox();
  mailbox.addFolder({ id: 'inbox', name: 'Inbox', wellKnownName: 'inbox' });
  mailbox.addFolder({ id: 'projects', name: 'Projects', parentId: 'inbox' });
  mailbox.addFolder({ id: 'sent', name: 'Sent Items', wellKnownName: 'sentitems' });
  mailbox.addMessage('inbox', {
    isRead: true,
    categories: ['Red'],
    flag: { flagStatus: 'flagged' },
    importance: 'high',
  });
  mailbox.addMessage('projects', {}, { attachments: [fileAttachment(), fileAttachment({ name: 'second.txt' })] });
  mailbox.addMessage('sent');
  return mailbox;
}

/** Another user's mailbox in another language, with the well-known folders only. */
export function emptyMailbox(): FakeMailbox {
  const mailbox = new FakeMailbox();
  mailbox.addFolder({ id: 'posteingang', name: 'Posteingang', wellKnownName: 'inbox' });
  mailbox.addFolder({ id: 'gesendet', name: 'Gesendete Elemente', wellKnownName: 'sentitems' });
  return mailbox;
}

/** A point of the mailbox as it is now. */
export async function pointOf(mailbox: FakeMailbox) {
  const repository = new MemoryRepository();
  const sources = fakeMailboxSources(mailbox);
  const input = {
    sources,
    task: objectTask(),
    work: backupWork({ kinds: ['mail', 'contacts', 'calendar'] }),
    context: workContext(),
  };
  await backupMailbox({ ...input, writer: repository.openWriter() });
  return repository.openPoint(CHAIN);
}

/** Restores a point of `from` into `into`. */
export async function restore(
  from: FakeMailbox,
  into: FakeMailbox,
  work: Partial<RestoreWork> = {},
  rest: Partial<RestoreMailboxInput> = {},
) {
  const point = await pointOf(from);
  return () =>
    restoreMailbox({
      targets: fakeMailboxTargets(into),
      point,
      work: restoreWork(work),
      context: workContext(),
      ...rest,
    });
}

/** The result of work that must not yield. */
export async function done(outcome: ReturnType<typeof restoreMailbox>) {
  const result = await outcome;
  if (result.type !== 'done') throw new Error(`The work yielded: ${result.reason}`);
  return result;
}

/** Canonical hashes by folder, sorted: what is in a mailbox, whatever its ids. */
export async function formsOf(mailbox: FakeMailbox, folderId: string): Promise<string[]> {
  const forms = mailbox
    .messagesIn(folderId)
    .map(({ properties, content }) => canonicalMessage(properties, buildMime(properties, content), []));
  return (await Promise.all(forms)).map(canonicalHash).sort();
}
