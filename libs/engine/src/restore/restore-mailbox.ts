import type { RestoreWork } from '@backhaul/domain';
import type { PointReader } from '@backhaul/repository';
import type { CalendarTarget } from '../calendar-target.ts';
import type { ContactTarget } from '../contact-target.ts';
import { forEachLimited } from '../limiter.ts';
import type { MailTarget } from '../mail-target.ts';
import type { WorkContext, WorkOutcome } from '../work.ts';
import { contactKind } from './contact/contact-kind.ts';
import { eventKind } from './event/event-kind.ts';
import { discard } from './make-item.ts';
import { messageKind } from './message/message-kind.ts';
import { countPlanned, planRestore } from './plan-restore.ts';
import { openFolder, type OpenFolder } from './open-folder.ts';
import { plannedItems } from './planned-items.ts';
import { restoreItem, type RestoredItem } from './restore-item.ts';
import type { RestoreKind } from './restore-kind.ts';
import { restoreOutcome } from './restore-outcome.ts';
import { reportRestored, startRestore, type RestoreRun } from './restore-run.ts';
import { DEFAULT_VERIFY_UP_TO, verifyRestored, verifyStride } from './verify-restored.ts';

/** A mailbox to write to, kind by kind. */
export interface MailboxTargets {
  mail: MailTarget;
  contacts: ContactTarget;
  calendar: CalendarTarget;
}

export interface RestoreMailboxInput {
  /** The mailbox to write to; kinds of which nothing is restored are not asked. */
  targets: MailboxTargets;
  /** The point to restore from. */
  point: PointReader;
  work: RestoreWork;
  context: WorkContext;
  /** Items read back and compared afterwards; of more, so many evenly spread ones. Default 1,000; 0: none. */
  verifyUpTo?: number;
}

/**
 * Restores messages, contacts and events of a point into a mailbox. Every item it creates carries the restore's mark, so it
 * may be stopped at any moment and begun again: what is finished is found, what is half made is made anew, nothing is
 * doubled.
 *
 * @returns `done` (`warning` when an item was degraded or failed; items left out by the collision rule are listed but are as
 * they should be), or `yielded` when Microsoft asks to wait longer than the slot may be held, or the context asks.
 * @throws Failure `cancelled`, `lease-lost`, `stale`, and what concerns the whole mailbox: no rights, gone, full.
 */
export async function restoreMailbox(input: RestoreMailboxInput): Promise<WorkOutcome> {
  const { mail, contacts, calendar } = input.targets;
  const kinds = [messageKind(mail), contactKind(contacts), eventKind(calendar)];
  const run = startRestore(kinds, input.point, input.work, input.context);
  return restoreOutcome(run, () => restoreAll(run, kinds, input.verifyUpTo ?? DEFAULT_VERIFY_UP_TO));
}

async function restoreAll(run: RestoreRun, kinds: readonly RestoreKind[], verifyUpTo: number): Promise<void> {
  reportRestored(run, 'listing');
  const plan = await planRestore(run.point, run.work.selection);
  run.counts.itemsTotal = await countPlanned(run.point, plan);
  run.counts.itemsFailed = plan.missing.length;
  run.issues.push(...plan.missing);
  run.isPlanned = true;
  reportRestored(run, 'listing');
  const opened = new Map<string, { kind: RestoreKind; folder: OpenFolder }>();
  const restored: RestoredItem[] = [];
  const stride = verifyStride(run.counts.itemsTotal, verifyUpTo);
  const items = plannedItems(run, kinds, plan, opened, stride);
  await forEachLimited(items, run.itemsAtOnce, async (item) => {
    const one = await restoreItem(run, item);
    if (one !== null && item.isVerified) restored.push(one);
    reportRestored(run, 'transferring');
  });
  for (const { kind, folder } of opened.values()) if (folder.answersLost) await removeDoubles(run, kind, folder);
  await verifyRestored(run, restored);
}

/** A creation whose answer was lost may show late: of every item only one stays. */
async function removeDoubles(run: RestoreRun, kind: RestoreKind, folder: OpenFolder): Promise<void> {
  const { marked } = await openFolder(kind, folder.target, run.work.restoreId, run.ask);
  for (const [itemId, made] of marked) {
    const kept =
      folder.marked.get(itemId)?.find(({ complete }) => complete)?.id ?? made.find(({ complete }) => complete)?.id;
    for (const { id } of made) if (id !== kept && made.length > 1) await discard(run, { kind, folder, itemId }, id);
  }
}
