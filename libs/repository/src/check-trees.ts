import { isFailure } from '@backhaul/domain';
import type { ChunkId } from './chunk-id.ts';
import type { ContentReader } from './content-reader.ts';
import type { Entry } from './entry.ts';
import type { LocalIndex } from './local-index.ts';
import { recipeIds } from './recipe.ts';

/** Counts what trees miss. Nodes shared by many points are looked at once. */
export class TreeChecker {
  readonly #index: LocalIndex;
  readonly #reader: ContentReader;
  /** Chunks missing below a node, by the node's id. */
  readonly #missing = new Map<ChunkId, number>();

  /** `index` knows the good chunks and no others. */
  constructor(index: LocalIndex, reader: ContentReader) {
    this.#index = index;
    this.#reader = reader;
  }

  /** How many nodes and chunks of content below `root` cannot be read; 0 for a whole tree. */
  async missing(root: ChunkId | null): Promise<number> {
    if (root === null) return 0;
    const known = this.#missing.get(root);
    if (known !== undefined) return known;
    const count = await this.#count(root);
    this.#missing.set(root, count);
    return count;
  }

  /** The same for entries that are not in a tree. */
  async missingOf(entries: Entry[]): Promise<number> {
    let count = 0;
    for (const entry of entries) count += await this.#missingParts(entry.parts);
    return count;
  }

  async #count(id: ChunkId): Promise<number> {
    try {
      const node = await this.#reader.node(id);
      if ('entries' in node) return await this.missingOf(node.entries);
      let count = 0;
      for (const child of node.children) count += await this.missing(child.node);
      return count;
    } catch (error) {
      if (isFailure(error, 'corrupt')) return 1;
      throw error;
    }
  }

  async #missingParts(parts: Parameters<ContentReader['recipe']>[0][]): Promise<number> {
    let count = 0;
    for (const part of parts) {
      try {
        for (const chunk of recipeIds(await this.#reader.recipe(part))) if (!this.#index.has(chunk)) count += 1;
      } catch (error) {
        if (!isFailure(error, 'corrupt')) throw error;
        count += 1;
      }
    }
    return count;
  }
}
