import type { ItemEntry } from '@backhaul/repository';
import { isUnread } from '../stored-item.ts';
import type { BackupRun, KindReading } from './backup-run.ts';
import { skippedKey } from './skipped-items.ts';

/** More rounds than this are not made in one run; what is not settled then is told once more in the next run. */
export const MAX_CLOSING_ROUNDS = 3;

/** What is known at the end of a round. */
export interface RoundResult {
  /** 0 is the first reading; the closing rounds count from 1. */
  round: number;
  /** Removals wait for their effect. */
  removalsPending: boolean;
  /** A container was listed from scratch, or reported gone what this point never had. */
  somethingMayHavePassed: boolean;
  /** An item is in two containers: it was moved after the one was read and before the other was. */
  itemsInTwoPlaces: boolean;
  /** Part of what was read was read by an earlier attempt, some time ago. */
  resumed: boolean;
  /** A container could not be read, so that removals cannot be settled. */
  unreadable: boolean;
  /** A container was listed and then not found; only the next listing tells whether it is gone. */
  vanished: boolean;
}

/**
 * Whether every container of a kind must be read once more: an item that was moved, during the run, from a folder not yet
 * read to one already read, must not fall between.
 */
export function closingRoundIsNeeded(result: RoundResult): boolean {
  if (result.round >= MAX_CLOSING_ROUNDS) return false;
  if (result.vanished) return true;
  if (result.round > 0 && result.unreadable) return false;
  if (result.resumed && result.round === 0) return true;
  return result.removalsPending || result.somethingMayHavePassed || result.itemsInTwoPlaces;
}

/**
 * Lets removals take effect: those whose item has been seen elsewhere (a move), and those reported before this round when
 * `everyContainerWasRead` in it (a deletion). All others keep waiting.
 */
export async function settleRemovals(
  reading: KindReading,
  round: number,
  everyContainerWasRead: boolean,
): Promise<void> {
  const { run, removals } = reading;
  for (const { containerId, itemId, round: reported } of removals.items) {
    const elsewhere = await seenElsewhere(reading, containerId, itemId);
    if (elsewhere === null && !(everyContainerWasRead && reported < round)) continue;
    const entry = await run.session.get({ containerId, id: itemId });
    if (entry?.type === 'item') removed(run, entry, elsewhere);
    run.session.remove({ containerId, id: itemId });
    removals.withdraw(containerId, itemId);
  }
  for (const { containerId, round: reported } of removals.containers) {
    if (everyContainerWasRead && reported < round) await removeContainer(reading, containerId);
  }
  const unsettled = removals.unsettledContainers;
  for (const container of reading.containers.values()) {
    if (!unsettled.has(container.id)) container.unsettledFrom = null;
  }
}

async function removeContainer(reading: KindReading, containerId: string): Promise<void> {
  const { run, removals } = reading;
  for await (const entry of run.session.items(containerId)) {
    removed(run, entry, await seenElsewhere(reading, containerId, entry.id));
    removals.withdraw(containerId, entry.id);
  }
  await run.session.removeFolder(containerId);
  removals.withdrawContainer(containerId);
}

/** The same item in another container that was read in this task and has not reported it gone. */
async function seenElsewhere(reading: KindReading, containerId: string, itemId: string): Promise<ItemEntry | null> {
  const { run, removals } = reading;
  for (const other of reading.arrivals.containers) {
    if (other === containerId || removals.has(other, itemId)) continue;
    const container = reading.containers.get(other);
    if (container === undefined || container.read === null) continue;
    const entry = await run.session.get({ containerId: other, id: itemId });
    if (entry?.type === 'item') return entry;
  }
  return null;
}

/** Looking up more entries than this costs more than another round. */
const MAX_LOOKUPS = 50_000;

/**
 * Whether an item that arrived in the last round is in another container as well, without that one having reported it gone:
 * it was read there before the move. Removing either at once could be the wrong one; another round tells.
 */
export async function arrivedInTwoPlaces(reading: KindReading): Promise<boolean> {
  const { containers, removals } = reading;
  const recent = reading.arrivals.takeRecent();
  if (recent === null || recent.length * containers.size > MAX_LOOKUPS) return true;
  for (const { containerId, itemId } of recent) {
    for (const other of containers.keys()) {
      if (other === containerId || removals.has(other, itemId)) continue;
      if ((await reading.run.session.get({ containerId: other, id: itemId })) !== null) return true;
    }
  }
  return false;
}

/** Counts what a removal turned out to be. The other half of a move was counted as new when it arrived. */
function removed(run: BackupRun, entry: ItemEntry, elsewhere: ItemEntry | null): void {
  run.bytesTotal -= entry.size;
  run.skipped.delete(skippedKey(entry.containerId, entry.id));
  if (elsewhere === null) {
    run.counts.itemsDeleted += 1;
    return;
  }
  run.counts.itemsMoved += 1;
  if (!isUnread(elsewhere) && run.counts.itemsNew > 0) run.counts.itemsNew -= 1;
}
