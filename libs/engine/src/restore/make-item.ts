import { randomUUID } from 'node:crypto';
import { isFailure } from '@backhaul/domain';
import type { MarkedItem } from '../item-target.ts';
import { forgetMade, rememberMade } from './open-folder.ts';
import type { Addition, Loss, RestorableItem } from './restore-kind.ts';
import type { PlannedItem, RestoreRun } from './restore-run.ts';

/** So often an item is begun anew when it is not known how far its making came. */
const MAX_ATTEMPTS = 3;

/** After these the work is taken up again, finds the half-made item by its mark, and makes it anew. */
const COMES_BACK = ['throttled', 'cancelled', 'lease-lost', 'stale'] as const;

/** What was created last is found by its mark with some delay. */
const LOOK_AGAIN_MS = 2_000;

/** The same in every attempt of the restore, so that one knows what another has made. */
const FIRST_MAKING = '';

/**
 * Creates an item with its additions, and marks it complete last (at once when it has none): whatever happens in between
 * leaves an item that is known to be half made. Nothing is repeated blindly: after a lost answer the mark is looked for.
 * @returns its id, and what the target refused of it.
 */
export async function makeItem(
  run: RestoreRun,
  item: PlannedItem,
  restorable: RestorableItem,
): Promise<{ id: string; lost: Loss[] }> {
  let making = FIRST_MAKING;
  for (let attempt = 1; ; attempt += 1) {
    const id = await createOnce(run, item, restorable, making);
    try {
      return { id, lost: await complete(run, item, id, restorable.additions) };
    } catch (error) {
      if (isFailure(error, ...COMES_BACK) || !isFailure(error)) throw error;
      // An addition may be there or not, and adding it once more could double it: the item is made anew, or not at all.
      await discard(run, item, id);
      making = randomUUID();
      if (!isAnswerLost(error) || attempt >= MAX_ATTEMPTS) throw error;
    }
  }
}

/** Removes an item of this restore that is half made or there twice. */
export async function discard(
  run: RestoreRun,
  { kind, folder, itemId }: Pick<PlannedItem, 'kind' | 'folder' | 'itemId'>,
  id: string,
): Promise<void> {
  await run.ask((signal) => kind.target.remove(id, signal));
  forgetMade(folder, itemId, id);
}

async function createOnce(
  run: RestoreRun,
  item: PlannedItem,
  restorable: RestorableItem,
  firstMaking: string,
): Promise<string> {
  const { folder, itemId } = item;
  let making = firstMaking;
  const mark = { restoreId: run.work.restoreId, itemId, complete: restorable.additions.length === 0 };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { id } = await restorable.create(folder.target.id, mark, making);
      rememberMade(folder, itemId, { id, complete: mark.complete, isReduced: false });
      return id;
    } catch (error) {
      // A conflict says that this very making took place before, in an attempt whose end nobody knows.
      const tookPlace = isFailure(error, 'conflict');
      if (!isAnswerLost(error) && !tookPlace) throw error;
      folder.answersLost = true;
      const found = await lookForMark(run, item);
      if (found !== null) {
        rememberMade(folder, itemId, { id: found.id, complete: found.mark.complete, isReduced: false });
        return found.id;
      }
      if (attempt >= MAX_ATTEMPTS) throw error;
      // What it made has been removed since: the next one must be meant as an item of its own.
      if (tookPlace) making = randomUUID();
    }
  }
}

async function lookForMark(run: RestoreRun, { kind, folder, itemId }: PlannedItem): Promise<MarkedItem | null> {
  for (let look = 1; look <= 2; look += 1) {
    await run.context.clock.sleep(LOOK_AGAIN_MS, run.context.signal);
    const marked = await run.ask((signal) => kind.target.findMarked(folder.target.id, run.work.restoreId, signal));
    const found = marked.find(({ mark }) => mark.itemId === itemId);
    if (found !== undefined) return found;
  }
  return null;
}

/** Adds what belongs to the item and marks it complete; what the target refuses is left out and named. */
async function complete(
  run: RestoreRun,
  { kind, folder, itemId }: PlannedItem,
  id: string,
  additions: readonly Addition[],
): Promise<Loss[]> {
  const lost: Loss[] = [];
  for (const addition of additions) {
    try {
      lost.push(...(await addition.add(id)));
    } catch (error) {
      if (!isFailure(error, 'invalid-input')) throw error;
      lost.push(addition.whenRefused(error.message));
    }
  }
  const isReduced = lost.length > 0;
  if (additions.length > 0) {
    const mark = { restoreId: run.work.restoreId, itemId, complete: true, ...(isReduced && { isReduced }) };
    await run.ask((signal) => kind.target.markComplete(id, mark, signal));
  }
  rememberMade(folder, itemId, { id, complete: true, isReduced });
  return lost;
}

function isAnswerLost(error: unknown): boolean {
  return isFailure(error, 'unavailable', 'timed-out', 'unreachable');
}
