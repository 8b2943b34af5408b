import { forEachLimited } from '../limiter.ts';
import { readUnread } from '../stored-message.ts';
import { noteContainer, type BackupRun } from './backup-run.ts';
import { arrivedInTwoPlaces, closingRoundIsNeeded, settleRemovals } from './closing-round.ts';
import type { ContainerProgress } from './container-progress.ts';
import { readContainer, type Reading } from './read-container.ts';
import { readFolders } from './read-folders.ts';
import { knownItem, transferMessage } from './read-message.ts';
import { loadSkipped, type UnreadItem } from './skipped-items.ts';

/** Reads the whole mailbox: every folder once, what was skipped earlier, then closing rounds as long as they are needed. */
export async function readMailbox(run: BackupRun): Promise<void> {
  await readFolders(run, 0);
  const unread = await loadSkipped(run);
  for (let round = 0; ; round += 1) {
    if (round > 0) await readFolders(run, round);
    const readings = await readContainers(run, round);
    if (round === 0) await retrySkipped(run, unread);
    const failures = [...run.containers.values()].flatMap(({ failure }) => (failure === null ? [] : [failure]));
    await settleRemovals(run, round, failures.length === 0);
    const another = closingRoundIsNeeded({
      round,
      removalsPending: !run.removals.isEmpty,
      somethingMayHavePassed: readings.some(({ fromScratch, strayRemovals }) => fromScratch || strayRemovals),
      itemsInTwoPlaces: await arrivedInTwoPlaces(run),
      resumed: run.session.resumed !== null,
      unreadable: failures.some(({ kind }) => kind !== 'not-found'),
      vanished: failures.some(({ kind }) => kind === 'not-found'),
    });
    if (!another) break;
  }
  giveUpUnreadable(run);
}

async function readContainers(run: BackupRun, round: number): Promise<Reading[]> {
  const due = [...run.containers.values()].filter((container) => round > 0 || container.read === null);
  const readings: Reading[] = [];
  await forEachLimited(due, run.source.concurrency, async (container) => {
    try {
      run.pace.stopIfAsked();
      readings.push(await readContainer(run, container, round));
    } catch (error) {
      // The others stop at their next request instead of going on for nothing.
      throw run.pace.stop(error);
    }
  });
  return readings;
}

/** Tries once more what earlier runs could not read and this one has not met yet. */
async function retrySkipped(run: BackupRun, unread: UnreadItem[]): Promise<void> {
  await forEachLimited(unread, run.source.concurrency, async ({ containerId, itemId, issue }) => {
    const container = run.containers.get(containerId);
    const isUntried = run.skipped.get(`${containerId}/${itemId}`) === issue;
    if (container === undefined || !isUntried || run.removals.has(containerId, itemId)) return;
    const known = await knownItem(run, containerId, itemId);
    const state = known === null ? null : await readUnread(known, run.session);
    if (state !== null) await transferMessage(run, container, state.properties, known);
  });
}

/**
 * Containers that could not be read are carried over, which makes the point incomplete. When none could be read there is
 * nothing to make a point of.
 */
function giveUpUnreadable(run: BackupRun): void {
  const failed: ContainerProgress[] = [...run.containers.values()].filter(({ failure }) => failure !== null);
  const first = failed[0]?.failure ?? null;
  if (first !== null && failed.length === run.containers.size) throw first;
  for (const container of failed) {
    if (container.failure !== null) noteContainer(run, container, container.failure, 'failed');
  }
}
