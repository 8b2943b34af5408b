import type { ItemKind } from '@backhaul/domain';
import type { FolderEntry } from '@backhaul/repository';
import type { BundledKind } from './export-options.ts';
import { safeName, TakenNames } from './safe-name.ts';

/** Where the folders of each kind begin. */
const TOP: Readonly<Record<ItemKind, string>> = {
  mail: 'Mail',
  contacts: 'Contacts',
  calendar: 'Calendar',
  files: 'Files',
};
const EXTENSION: Readonly<Record<BundledKind, string>> = { mail: '.mbox', contacts: '.vcf', calendar: '.ics' };

/**
 * A longer folder path begins anew below its kind's top folder, so that with a file's name it stays below what every
 * system takes (1,024 bytes). The manifest tells where such a folder belongs.
 */
const MAX_FOLDER_PATH_BYTES = 700;

/** A folder of the export: its path and the names in it. */
export interface Place {
  /** Safe names joined by `/`. */
  path: string;
  taken: TakenNames;
  /** Path of the file that the whole folder becomes; null where its items are files of their own. */
  bundle: string | null;
}

/**
 * The places of all folders of a point. They depend on the point and `perFolder` alone, not on what is selected, so that two
 * exports of a point agree.
 */
export class FolderPlaces {
  readonly #folders: Map<string, FolderEntry>;
  readonly #bundled: ReadonlySet<ItemKind>;
  readonly #tops = new Map<ItemKind, Place>();
  readonly #places = new Map<string, Place>();

  constructor(tree: readonly FolderEntry[], perFolder: readonly BundledKind[]) {
    this.#folders = new Map(tree.map((folder) => [folder.id, folder]));
    this.#bundled = new Set(perFolder);
    for (const folder of tree) this.#place(folder, new Set());
  }

  /** @param folderId of a folder of the tree */
  of(folderId: string): Place {
    const place = this.#places.get(folderId);
    if (place === undefined) throw new Error('A folder of another point has no place.');
    return place;
  }

  /** @param below folders whose places wait for this one; a circle of folders ends at the top */
  #place(folder: FolderEntry, below: Set<string>): Place {
    const known = this.#places.get(folder.id);
    if (known !== undefined) return known;
    const parent = below.has(folder.parentId) ? undefined : this.#folders.get(folder.parentId);
    below.add(folder.id);
    const outer = parent === undefined ? this.#top(folder.kind) : this.#place(parent, below);
    // A drive's root is what its kind's top folder stands for.
    const isRoot = folder.kind === 'files' && folder.parentId === '';
    const place = isRoot ? outer : this.#within(outer, folder);
    this.#places.set(folder.id, place);
    return place;
  }

  #within(outer: Place, folder: FolderEntry): Place {
    const name = safeName(folder.name, outer.taken);
    if (Buffer.byteLength(`${outer.path}/${name}`) > MAX_FOLDER_PATH_BYTES) {
      return this.#within(this.#top(folder.kind), folder);
    }
    const isBundled = this.#bundled.has(folder.kind);
    const bundle = isBundled ? safeName(`${folder.name}${EXTENSION[folder.kind as BundledKind]}`, outer.taken) : null;
    return {
      path: `${outer.path}/${name}`,
      taken: new TakenNames(),
      bundle: bundle === null ? null : `${outer.path}/${bundle}`,
    };
  }

  #top(kind: ItemKind): Place {
    const known = this.#tops.get(kind) ?? { path: TOP[kind], taken: new TakenNames(), bundle: null };
    this.#tops.set(kind, known);
    return known;
  }
}
