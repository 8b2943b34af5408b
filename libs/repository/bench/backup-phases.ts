import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDiskStore } from '@backhaul/blob-store';
import { Secret } from '@backhaul/domain';
import {
  openRepository,
  type ItemEntry,
  type Repository,
  type RepositoryKeys,
  type RepositoryWriter,
} from '@backhaul/repository';
import { aDraft, aFolder, anItem, aTask } from '@backhaul/repository/testing';
import { bytesOf, messagesOf, readCorpus, type Corpus, type CorpusMailbox } from './mail-corpus.ts';
import { peakMemory } from './peak-memory.ts';

/**
 * One measured step, in a process of its own so that its memory and processor time are its own. Prints one line of JSON.
 *
 *     node bench/backup-phases.ts <phase> <folder> <workers> <tasks>
 */

export type Phase = 'full' | 'incremental' | 'check' | 'restore';

export interface PhaseFigures {
  /** Bytes of messages that went in, or came out. */
  bytes: number;
  seconds: number;
  cpuSeconds: number;
  peakRssMB: number;
}

/** Requests at once per mailbox; the Transporter's own limit. */
const PUTS_AT_ONCE = 4;
/** Items looked at together by a restore. */
const WINDOW = 500;

const [phase, folder, workers, tasks] = process.argv.slice(2) as [Phase, string, string, string];
const keys = JSON.parse(await readFile(join(folder, 'keys.json'), 'utf8')) as RepositoryKeys;
const corpus = await readCorpus(join(folder, 'corpus'));
const repository = await openRepository(await openDiskStore(join(folder, 'repository')), {
  keys: new Secret(keys),
  // The steps share a cache as the runs of one Transporter do; a check and a restore may come from anywhere.
  cacheFolder: join(folder, phase === 'full' || phase === 'incremental' ? 'cache' : `cache-${phase}`),
  workers: Number(workers),
  toolVersion: 'bench',
});
const cpuBefore = process.cpuUsage();
const startedMs = performance.now();
const bytes = await run(repository);
await repository.close();
const { user, system } = process.cpuUsage(cpuBefore);
const figures: PhaseFigures = {
  bytes,
  seconds: (performance.now() - startedMs) / 1000,
  cpuSeconds: (user + system) / 1e6,
  peakRssMB: peakMemory() / 1e6,
};
console.log(JSON.stringify(figures));

async function run(opened: Repository): Promise<number> {
  switch (phase) {
    case 'full':
      return backUp(opened, corpus.full, {}, 1);
    case 'incremental':
      return backUp(opened, corpus.changed, corpus.removed, 2);
    case 'check': {
      const report = await opened.check({ data: true });
      if (report.damage.length > 0) throw new Error(`damage: ${JSON.stringify(report.damage[0])}`);
      return report.bytes;
    }
    case 'restore':
      return restore(opened);
  }
}

/** Some tasks at once, one mailbox each. */
async function backUp(
  opened: Repository,
  mailboxes: CorpusMailbox[],
  removed: Corpus['removed'],
  round: number,
): Promise<number> {
  const writer = await opened.openWriter();
  const left = mailboxes.values();
  const task = async () => {
    for (const mailbox of left) await backUpMailbox(writer, mailbox, removed[mailbox.id] ?? [], round);
  };
  await Promise.all(Array.from({ length: Number(tasks) }, task));
  await writer.close();
  return bytesOf(mailboxes);
}

async function backUpMailbox(
  writer: RepositoryWriter,
  mailbox: CorpusMailbox,
  removed: string[],
  round: number,
): Promise<void> {
  const session = await writer.beginObject(
    aTask({ chain: { jobId: 'job', objectId: mailbox.id }, taskId: `${mailbox.id}-${round}`, fence: round }),
  );
  if ('committed' in session) throw new Error(`${mailbox.id} was backed up already`);
  session.putEntry(aFolder('inbox'));
  const messages = messagesOf(join(folder, 'corpus'), mailbox);
  const lane = async () => {
    for await (const { id, content } of { [Symbol.asyncIterator]: () => ({ next: () => messages.next() }) }) {
      const properties = Buffer.from(JSON.stringify({ id, categories: [], importance: 'normal', flag: 'notFlagged' }));
      await session.putItem(anItem(id), [
        { name: 'mime', format: 'mime', content },
        { name: 'properties', format: 'bytes', content: properties },
      ]);
      if (session.checkpointIsDue()) await session.checkpoint({ containers: [], counts: {} });
    }
  };
  await Promise.all(Array.from({ length: PUTS_AT_ONCE }, lane));
  for (const id of removed) session.remove({ containerId: 'inbox', id });
  await session.commit(aDraft(), () => undefined);
}

async function restore(opened: Repository): Promise<number> {
  let restored = 0;
  for (const mailbox of corpus.full) {
    const point = await opened.openPoint({ jobId: 'job', objectId: mailbox.id }, 2);
    let window: ItemEntry[] = [];
    const readWindow = async () => {
      for (const item of point.inStorageOrder(window))
        for (const part of item.parts) restored += (await point.readPart(part)).length;
      window = [];
    };
    for await (const item of point.items('inbox')) if (window.push(item) === WINDOW) await readWindow();
    await readWindow();
  }
  return restored;
}
