import type {
  ItemEntry,
  ObjectSession,
  PartRef,
  PointReader,
  Repository,
  RepositoryWriter,
} from '@backhaul/repository';
import {
  aDraft,
  aFile,
  aFolder,
  aTask,
  repositoryInMemory,
  type MemoryBlobStore,
  type RepositoryBench,
  type SeededRandom,
} from '@backhaul/repository/testing';

export const MIB = 1024 * 1024;

/** A drive that is backed up into a repository in memory. */
export interface DriveScene {
  bench: RepositoryBench<MemoryBlobStore>;
  repository: Repository;
  writer: RepositoryWriter;
  /** Begins task number `fence`. */
  begin(fence?: number, writer?: RepositoryWriter): Promise<ObjectSession>;
  commit(session: ObjectSession): Promise<PointReader>;
  close(): Promise<void>;
}

export async function driveScene(): Promise<DriveScene> {
  const bench = await repositoryInMemory();
  const repository = await bench.open();
  const writer = await repository.openWriter();
  return {
    bench,
    repository,
    writer,
    begin: async (fence = 1, by = writer) => {
      const session = await by.beginObject(aTask({ taskId: `task-${fence}`, fence }));
      if ('committed' in session) throw new Error('the task is done already');
      session.putEntry(aFolder('drive', { kind: 'files' }));
      return session;
    },
    commit: async (session) => {
      const outcome = await session.commit(aDraft({ kinds: ['files'] }), () => undefined);
      if (outcome.type !== 'committed') throw new Error(outcome.type);
      return repository.openPoint(outcome.point, outcome.point.sequence);
    },
    close: async () => {
      await writer.close();
      await bench.close();
    },
  };
}

/** Puts a file whose content is all there. */
export async function putWhole(session: ObjectSession, id: string, content: Uint8Array): Promise<PartRef> {
  const item = await session.putItem(aFile(id), [{ name: 'content', format: 'bytes', content }]);
  return item.parts[0]!;
}

/** Puts a file whose content comes as `stream` gives it. */
export function putStream(session: ObjectSession, id: string, stream: AsyncIterable<Uint8Array>): Promise<ItemEntry> {
  return session.putItem(aFile(id), [{ name: 'content', format: 'bytes', content: stream }]);
}

/** `content` in pieces of random lengths, some of them empty, each in memory that is overwritten once it was taken. */
export async function* inPieces(content: Buffer, random: SeededRandom, upTo: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length;) {
    const piece = Buffer.from(content.subarray(at, at + random.below(upTo)));
    at += piece.length;
    yield piece;
    piece.fill(0);
  }
}

export async function joined(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

/** A source that gives what it is told to, when it is told to. */
export function aTap() {
  const wanted: PromiseWithResolvers<IteratorResult<Uint8Array>>[] = [];
  const given: Promise<IteratorResult<Uint8Array>>[] = [];
  let isClosed = false;
  const slot = () => {
    const made = Promise.withResolvers<IteratorResult<Uint8Array>>();
    wanted.push(made);
    given.push(made.promise);
  };
  const give = (result: IteratorResult<Uint8Array>) => {
    if (wanted.length === 0) slot();
    wanted.shift()!.resolve(result);
  };
  const stream: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        if (given.length === 0) slot();
        return given.shift()!;
      },
      return: () => {
        isClosed = true;
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
  return {
    stream,
    give: (value: Uint8Array) => give({ done: false, value }),
    end: () => give({ done: true, value: undefined }),
    get isClosed() {
      return isClosed;
    },
  };
}
