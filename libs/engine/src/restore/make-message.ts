import { isFailure } from '@backhaul/domain';
import type { AttachmentToCreate, MarkedMessage } from '../mail-target.ts';
import type { Loss, RestorableMessage } from './restorable-message.ts';
import type { MadeMessage, OpenFolder, PlannedItem, RestoreRun } from './restore-run.ts';

/** So often a message is begun anew when it is not known how far its making came. */
const MAX_ATTEMPTS = 3;

/** After these the work is taken up again, finds the half-made message by its mark, and makes it anew. */
const COMES_BACK = ['throttled', 'cancelled', 'lease-lost', 'stale'] as const;

/** What was created last is found by its mark with some delay. */
const LOOK_AGAIN_MS = 2_000;

/**
 * Creates a message with its attachments, and marks it complete last (at once when it has none): whatever happens in
 * between leaves a message that is known to be half made. Nothing is repeated blindly: after a lost answer the mark is
 * looked for.
 * @returns its id, and attachments that the target refused.
 */
export async function makeMessage(
  run: RestoreRun,
  item: PlannedItem,
  restorable: RestorableMessage,
): Promise<{ id: string; refused: Loss[] }> {
  for (let attempt = 1; ; attempt += 1) {
    const id = await createOnce(run, item, restorable);
    try {
      return { id, refused: await complete(run, item, id, restorable.attachments) };
    } catch (error) {
      if (isFailure(error, ...COMES_BACK) || !isFailure(error)) throw error;
      // An attachment may be there or not, and adding it once more could double it: the message is made anew, or not at all.
      await discard(run, item.folder, item.itemId, id);
      if (!isAnswerLost(error) || attempt >= MAX_ATTEMPTS) throw error;
    }
  }
}

/** Removes a message of this restore that is half made or there twice. */
export async function discard(run: RestoreRun, folder: OpenFolder, itemId: string, id: string): Promise<void> {
  await run.pace.ask((signal) => run.target.remove(id, signal));
  forget(folder, itemId, id);
}

async function createOnce(
  run: RestoreRun,
  item: PlannedItem,
  { message, attachments }: RestorableMessage,
): Promise<string> {
  const { folder, itemId } = item;
  const mark = { restoreId: run.work.restoreId, itemId, complete: attachments.length === 0 };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { id } = await run.pace.ask((signal) => run.target.create(folder.target.id, { ...message, mark }, signal));
      remember(folder, itemId, { id, complete: mark.complete, lacksAttachments: false });
      return id;
    } catch (error) {
      if (!isAnswerLost(error)) throw error;
      folder.answersLost = true;
      const found = await lookForMark(run, item);
      if (found !== null) {
        remember(folder, itemId, { id: found.id, complete: found.mark.complete, lacksAttachments: false });
        return found.id;
      }
      if (attempt >= MAX_ATTEMPTS) throw error;
    }
  }
}

async function lookForMark(run: RestoreRun, { folder, itemId }: PlannedItem): Promise<MarkedMessage | null> {
  for (let look = 1; look <= 2; look += 1) {
    await run.context.clock.sleep(LOOK_AGAIN_MS, run.context.signal);
    const marked = await run.pace.ask((signal) => run.target.findMarked(folder.target.id, run.work.restoreId, signal));
    const found = marked.find(({ mark }) => mark.itemId === itemId);
    if (found !== undefined) return found;
  }
  return null;
}

/** Adds the attachments and marks the message complete; one that the target refuses is left out and named. */
async function complete(
  run: RestoreRun,
  { folder, itemId }: PlannedItem,
  id: string,
  attachments: readonly AttachmentToCreate[],
): Promise<Loss[]> {
  const refused: Loss[] = [];
  for (const attachment of attachments) {
    try {
      await run.pace.ask((signal) => run.target.attach(id, attachment, signal));
    } catch (error) {
      if (!isFailure(error, 'invalid-input')) throw error;
      const message = `The attachment "${attachment.name}" was refused: ${error.message}`;
      refused.push({ code: 'restore.attachment-refused', message });
    }
  }
  if (attachments.length > 0) {
    const lacks = refused.length > 0 && { lacksAttachments: true };
    const mark = { restoreId: run.work.restoreId, itemId, complete: true, ...lacks };
    await run.pace.ask((signal) => run.target.markComplete(id, mark, signal));
  }
  remember(folder, itemId, { id, complete: true, lacksAttachments: refused.length > 0 });
  return refused;
}

function isAnswerLost(error: unknown): boolean {
  return isFailure(error, 'unavailable', 'timed-out', 'unreachable');
}

function remember(folder: OpenFolder, itemId: string, made: MadeMessage): void {
  const others = (folder.marked.get(itemId) ?? []).filter(({ id }) => id !== made.id);
  folder.marked.set(itemId, [...others, made]);
  folder.taken.add(made.id);
}

function forget(folder: OpenFolder, itemId: string, id: string): void {
  folder.marked.set(
    itemId,
    (folder.marked.get(itemId) ?? []).filter((made) => made.id !== id),
  );
}
