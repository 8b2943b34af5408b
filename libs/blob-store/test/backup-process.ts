import { openDiskStore } from '@backhaul/blob-store';
import { Secret } from '@backhaul/domain';
import { openRepository, type RepositoryKeys } from '@backhaul/repository';
import { aDraft, aFolder, anItem, aTask, messageParts, SeededRandom } from '@backhaul/repository/testing';

/** A process that backs up one object and tells of its steps, line by line. Run by tests, which may kill it at any moment. */

/** What the process is to do; its only argument, as JSON. */
export interface BackupOrder {
  folder: string;
  cacheFolder: string;
  keys: RepositoryKeys;
  objectId: string;
  taskId: string;
  fence: number;
  /** Items to put, by id. */
  ids: string[];
}

/** The same content for the same id: some small, some with an attachment, some large. */
export function contentOf(id: string): Buffer {
  const random = new SeededRandom(id);
  const size = random.below(8);
  if (size === 0) return random.bytes(150_000 + random.below(150_000));
  const attachment = random
    .bytes(2000 + random.below(20_000))
    .toString('base64')
    .replace(/.{76}/g, '$&\r\n');
  const head = size < 4 ? '' : 'Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n';
  return Buffer.from(`Subject: ${id}\r\n${head}${attachment}\r\n`);
}

function tell(step: string): void {
  process.stdout.write(`${step}\n`);
}

async function backUp(order: BackupOrder): Promise<void> {
  const repository = await openRepository(await openDiskStore(order.folder), {
    keys: new Secret(order.keys),
    cacheFolder: order.cacheFolder,
    workers: 1,
    toolVersion: 'test',
  });
  const writer = await repository.openWriter();
  tell('ready');
  const { objectId, taskId, fence, ids } = order;
  const session = await writer.beginObject(aTask({ chain: { jobId: 'job-1', objectId }, taskId, fence }));
  if ('committed' in session) {
    tell('done');
  } else {
    if (session.resumed !== null) tell('resumed');
    session.putEntry(aFolder('inbox'));
    const third = Math.ceil(ids.length / 3);
    for (let from = 0; from < ids.length; from += third) {
      const some = ids.slice(from, from + third);
      await Promise.all(some.map((id) => session.putItem(anItem(id), messageParts(contentOf(id)))));
      await session.checkpoint({ containers: [], counts: { items: from + some.length } });
      tell('checkpoint');
    }
    const outcome = await session.commit(aDraft(), () => undefined);
    tell(outcome.type);
  }
  await writer.close();
  await repository.close();
}

if (import.meta.main) await backUp(JSON.parse(process.argv[2]!) as BackupOrder);
