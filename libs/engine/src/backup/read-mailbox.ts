import { forEachLimited } from '../limiter.ts';
import { readUnread } from '../stored-item.ts';
import { noteContainer, type KindReading, type BackupRun } from './backup-run.ts';
import { arrivedInTwoPlaces, closingRoundIsNeeded, settleRemovals } from './closing-round.ts';
import { carryOver, concernsOneKind, throwIfNothingWasRead } from './kind-failure.ts';
import { leaveOutOtherKinds } from './other-kinds.ts';
import { readContainer, type ContainerReading } from './read-container.ts';
import { readFolders } from './read-folders.ts';
import { knownItem, transferItem } from './read-item.ts';
import { loadSkipped, skippedKey, type UntriedItem } from './skipped-items.ts';
import { noteUncoveredArchive } from './uncovered-archive.ts';

/** Reads the whole mailbox, one kind of items after the other. @throws why nothing of it could be read. */
export async function readMailbox(run: BackupRun): Promise<void> {
  await leaveOutOtherKinds(run);
  await noteUncoveredArchive(run);
  for (const reading of run.readings) await readKind(reading);
  throwIfNothingWasRead(run);
  for (const reading of run.readings) noteUnreadable(reading);
}

/** Reads every folder of a kind once, what was skipped earlier, then makes closing rounds as long as they are needed. */
async function readKind(reading: KindReading): Promise<void> {
  const { run, containers } = reading;
  try {
    await readFolders(reading, 0);
  } catch (error) {
    if (!concernsOneKind(error)) throw error;
    await carryOver(reading, error);
  }
  const unread = await loadSkipped(reading);
  if (reading.failure !== null) return;
  for (let round = 0; ; round += 1) {
    if (round > 0) await readFolders(reading, round);
    const readings = await readContainers(reading, round);
    if (round === 0) await retrySkipped(reading, unread);
    const failures = [...containers.values()].flatMap(({ failure }) => (failure === null ? [] : [failure]));
    await settleRemovals(reading, round, failures.length === 0);
    const another = closingRoundIsNeeded({
      round,
      removalsPending: !reading.removals.isEmpty,
      somethingMayHavePassed: readings.some(({ fromScratch, strayRemovals }) => fromScratch || strayRemovals),
      itemsInTwoPlaces: await arrivedInTwoPlaces(reading),
      resumed: run.session.resumed !== null,
      unreadable: failures.some(({ kind }) => kind !== 'not-found'),
      vanished: failures.some(({ kind }) => kind === 'not-found'),
    });
    if (!another) break;
  }
}

async function readContainers(reading: KindReading, round: number): Promise<ContainerReading[]> {
  const { run, of, containers } = reading;
  const due = [...containers.values()].filter((container) => round > 0 || container.read === null);
  const readings: ContainerReading[] = [];
  await forEachLimited(due, of.source.concurrency, async (container) => {
    try {
      run.pace.stopIfAsked();
      readings.push(await readContainer(reading, container, round));
    } catch (error) {
      // The others stop at their next request instead of going on for nothing.
      throw run.pace.stop(error);
    }
  });
  return readings;
}

/** Tries once more what earlier runs could not read and this one has not met yet. */
async function retrySkipped(reading: KindReading, unread: UntriedItem[]): Promise<void> {
  const { run, of, containers, removals } = reading;
  await forEachLimited(unread, of.source.concurrency, async ({ containerId, itemId, issue }) => {
    const container = containers.get(containerId);
    const isUntried = run.skipped.get(skippedKey(containerId, itemId)) === issue;
    if (container === undefined || !isUntried || removals.has(containerId, itemId)) return;
    const known = await knownItem(run, containerId, itemId);
    const state = known === null ? null : await readUnread(known, run.session);
    if (state !== null) await transferItem(reading, container, state.properties, known);
  });
}

/** Containers that could not be read are carried over, which makes the point incomplete. */
function noteUnreadable({ run, failure: ofAll, containers }: KindReading): void {
  if (ofAll !== null) return;
  for (const container of containers.values()) {
    if (container.failure !== null) noteContainer(run, container, container.failure, 'failed');
  }
}
