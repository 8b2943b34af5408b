import type { ItemKind } from '@backhaul/domain';
import type { ItemEntry, PointReader } from '@backhaul/repository';
import type { ItemTarget, RestoreMark } from '../item-target.ts';
import type { WorkPace } from '../work-pace.ts';
import type { TargetFolder } from './target-folder.ts';

/** What of an item cannot be given back to Microsoft. */
export interface Loss {
  /** Stable name, `restore.…`. */
  code: string;
  /** One sentence for a person. */
  message: string;
}

/** Makes one request to the target when its turn has come; see {@link WorkPace.ask}. */
export type Ask = WorkPace['ask'];

/** What is peculiar to restoring items of one kind; everything else is the same for all of them. */
export interface RestoreKind {
  kind: ItemKind;
  /** As people call one item: `message`, `contact`, `event`. */
  noun: string;
  target: ItemTarget;
  /** Whether its folders can lie within each other. */
  folders: 'nested' | 'flat';
  /** What an item has lost to which an earlier attempt of the same restore was refused something. */
  refusedEarlier: Loss;
  /** Reads a stored item; null when no version of it could ever be read. */
  open(entry: ItemEntry, point: PointReader, ask: Ask): Promise<RestorableItem | null>;
}

/** A stored item, ready to be restored. */
export interface RestorableItem {
  /** What of it is lost even when the target takes everything that is asked. */
  losses: readonly Loss[];
  /** Equal for items that one search for versions finds together. */
  likeness: string;
  /** Versions of it in a folder of the target: items that can be taken for it, changed or not. */
  findVersions(folder: TargetFolder): Promise<FoundVersion[]>;
  /**
   * Creates it, marked; its additions come later.
   * @param making the same for a creation that is repeated because its answer was lost, another one for an item to be made
   * anew; a service that can tell repetitions apart gets it
   * @throws Failure `unavailable` or `timed-out` when the answer was lost, `conflict` when this making took place before
   */
  create(folderId: string, mark: RestoreMark, making: string): Promise<{ id: string }>;
  /** What is added to it one after the other once it is there: attachments, a photo, changed occurrences. */
  additions: readonly Addition[];
  /** Members of the canonical form (and others that are named) in which the restored item, read back, differs. */
  differences(folder: TargetFolder, id: string): Promise<string[]>;
}

/** Something that is added to an item by requests of its own. */
export interface Addition {
  /** @returns what of it is lost nevertheless. @throws Failure `invalid-input` when the target refuses it */
  add(id: string): Promise<Loss[]>;
  /** What is lost when the target refuses it. */
  whenRefused(message: string): Loss;
}

/** An item in the target that can be taken for one to restore. */
export interface FoundVersion {
  id: string;
  /** It is the same in the canonical form too. What cannot be read is never the same. */
  isSame(): Promise<boolean>;
  /** Why it stays although it is to be replaced, where people would hear of its removal. Default: nobody would. */
  whyKept?(): Promise<Loss | null>;
}
