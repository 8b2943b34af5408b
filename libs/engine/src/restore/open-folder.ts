import { oneAfterTheOther } from '../limiter.ts';
import type { TargetFolder } from './target-folder.ts';
import type { Ask, RestoreKind } from './restore-kind.ts';

/** An item that carries this restore's mark. */
export interface MadeItem {
  id: string;
  complete: boolean;
  /** Something of it was refused. */
  isReduced: boolean;
}

/** A folder being restored into, and what of this restore is in it already. */
export interface OpenFolder {
  target: TargetFolder;
  /** Items that carry this restore's mark, by the id of their item in the point. */
  marked: Map<string, MadeItem[]>;
  /** Items of this restore, and versions that stand for an item: neither may stand for another one. */
  taken: Set<string>;
  /**
   * Work on items that could be taken for each other is done one after the other: what one has just created must not be
   * found as a version of another.
   */
  inOrder: ReturnType<typeof oneAfterTheOther>;
  /** An answer to a creation was lost, so what is there is counted once more at the end. */
  answersLost: boolean;
}

/** Opens a folder of the target: asks what this restore has made in it already. */
export async function openFolder(
  { target: port }: RestoreKind,
  target: TargetFolder,
  restoreId: string,
  ask: Ask,
): Promise<OpenFolder> {
  const found = await ask((signal) => port.findMarked(target.id, restoreId, signal));
  const marked: OpenFolder['marked'] = new Map();
  for (const { id, mark } of found) {
    const made = { id, complete: mark.complete, isReduced: mark.isReduced ?? false };
    marked.set(mark.itemId, [...(marked.get(mark.itemId) ?? []), made]);
  }
  return { target, marked, taken: new Set(found.map(({ id }) => id)), inOrder: oneAfterTheOther(), answersLost: false };
}

/** An item of the point has been made, or is further than it was. */
export function rememberMade(folder: OpenFolder, itemId: string, made: MadeItem): void {
  const others = (folder.marked.get(itemId) ?? []).filter(({ id }) => id !== made.id);
  folder.marked.set(itemId, [...others, made]);
  folder.taken.add(made.id);
}

/** What was made of an item of the point is gone again. */
export function forgetMade(folder: OpenFolder, itemId: string, id: string): void {
  const made = folder.marked.get(itemId) ?? [];
  folder.marked.set(
    itemId,
    made.filter((one) => one.id !== id),
  );
}
