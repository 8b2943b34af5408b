import { foldName, type FailureRecord } from '@backhaul/domain';
import { oneAfterTheOther } from '../../limiter.ts';
import type { DriveTarget } from '../drive-target.ts';
import type { Ask } from '../../restore/restore-kind.ts';
import { foundItem, type FoundItem } from './file-likeness.ts';

/** Where the files of a folder of the point go, or why they go nowhere. */
export type FolderPlace = { id: string } | { failure: FailureRecord };

/** A folder of the target that is being restored into, and what it holds. */
export class TargetDriveFolder {
  readonly id: string;
  /** Work on one name is done one after the other. */
  readonly inOrder = oneAfterTheOther();
  readonly #byName = new Map<string, FoundItem>();

  constructor(id: string, items: readonly FoundItem[]) {
    this.id = id;
    for (const item of items) this.put(item);
  }

  /** What has this name, without regard to case. */
  at(name: string): FoundItem | undefined {
    return this.#byName.get(foldName(name));
  }

  put(item: FoundItem): void {
    this.#byName.set(foldName(item.name), item);
  }

  forget(name: string): void {
    this.#byName.delete(foldName(name));
  }
}

/** Lists a folder of the target. */
export async function openTargetFolder(target: DriveTarget, id: string, ask: Ask): Promise<TargetDriveFolder> {
  return new TargetDriveFolder(id, await itemsIn(target, id, ask));
}

/** What lies in a folder of the target. */
export async function itemsIn(target: DriveTarget, id: string, ask: Ask): Promise<FoundItem[]> {
  return ask(async (signal) => {
    const items: FoundItem[] = [];
    for await (const page of target.children(id, signal)) items.push(...page.map(foundItem));
    return items;
  });
}
