import type { ContentWriter } from './content-writer.ts';
import type { KeptPart, PartContent, PartRef, PartToStore } from './entry.ts';
import { outsourceRecipes } from './outsource-recipes.ts';
import { partRef } from './part-ref.ts';
import type { SessionContent } from './session-content.ts';
import type { SplitPart } from './split-content.ts';
import type { SplitQueue, WholePart } from './split-queue.ts';

/** Content in memory, of all sessions of a process, above which puts wait. */
const MAX_IN_FLIGHT = 32 * 1024 * 1024;

/** Stores the parts of what one session puts. */
export class PartStorage {
  readonly #writer: ContentWriter;
  readonly #queue: SplitQueue;
  readonly #content: SessionContent;
  #contentBytes = 0;

  constructor(shared: { content: ContentWriter; queue: SplitQueue }, content: SessionContent) {
    this.#writer = shared.content;
    this.#queue = shared.queue;
    this.#content = content;
  }

  /** Bytes that were put in so far; what is kept does not count. */
  get contentBytes(): number {
    return this.#contentBytes;
  }

  /** References to the parts, in their order, once all of them are on their way into the store. */
  async store(parts: PartToStore[]): Promise<PartRef[]> {
    const refs = new Map<PartToStore, PartRef>();
    const whole: { part: PartToStore; content: WholePart }[] = [];
    for (const part of parts) {
      if (isKept(part)) refs.set(part, part.kept);
      else whole.push({ part, content: { content: await wholeOf(part), mime: part.format === 'mime' } });
    }
    const stored = await this.#storeWhole(whole.map(({ content }) => content));
    whole.forEach(({ part }, index) => refs.set(part, partRef(nameOf(part), stored[index]!)));
    return outsourceRecipes(
      parts.map((part) => refs.get(part)!),
      (recipe) => this.#content.putLongMeta(recipe),
    );
  }

  async #storeWhole(parts: WholePart[]): Promise<SplitPart[]> {
    const size = parts.reduce((sum, { content }) => sum + content.length, 0);
    await this.#writer.reserve(size, MAX_IN_FLIGHT);
    try {
      return await this.#queue.put(parts, (split, buffer) => {
        for (const part of split) this.#storeChunks(part, buffer);
        this.#contentBytes += size;
      });
    } finally {
      this.#writer.addInFlight(-size);
      this.#queue.kick();
    }
  }

  #storeChunks(part: SplitPart, buffer: Buffer): void {
    for (const { id, offset, length, dense } of part.chunks) {
      this.#content.put('data', id, buffer.subarray(offset, offset + length), dense);
    }
  }
}

/** True for a part that is stored already. */
export function isKept(part: PartToStore): part is KeptPart {
  return 'kept' in part;
}

/** True for content that comes piece by piece. */
export function isStreamed(part: PartToStore): boolean {
  return !isKept(part) && !(part.content instanceof Uint8Array);
}

export function nameOf(part: PartToStore): string {
  return isKept(part) ? part.kept.name : part.name;
}

async function wholeOf({ content }: PartContent): Promise<Uint8Array> {
  if (content instanceof Uint8Array) return content;
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
}
