import { seededRandom, type Random } from '../../generate/random.ts';
import type { ByteSource } from '../../tenant/source.ts';
import type { UserRecord } from '../../tenant/user.ts';
import { Drive } from '../state/drive.ts';
import type { DriveState } from '../state/event.ts';
import { ROOT, type ItemState } from '../state/item.ts';
import { newItemState, type NewItem } from '../state/new-item.ts';
import { ownerPermission } from '../state/permissions.ts';
import { FILE_KINDS, FILE_STEMS, FOLDER_NAMES } from './names.ts';

const DEEPEST = 8;
const QUOTA = 1024 ** 4;
const START = Date.UTC(2024, 0, 1);
const DAYS = 500;
const DAY = 86_400_000;

/** A new drive's own state. */
export function newDriveState(owner: UserRecord, createdAt: string): DriveState {
  return { owner: owner.id, access: 'open', createdAt, quota: QUOTA, sharingDisabled: false };
}

/** The root of a new drive. */
export function rootState(owner: UserRecord, at: string): ItemState {
  const root: NewItem = { type: 'folder', name: 'root', parent: ROOT, permissions: [ownerPermission(owner)] };
  return newItemState(root, at);
}

/** What a drive is made from. */
export interface DrivePlan {
  seed: number;
  owner: UserRecord;
  number: number;
  /** Whom its owner may share with. */
  people: readonly UserRecord[];
  /** Contents that files of several drives have; grows. */
  shared: ByteSource[];
}

/** Makes one drive, item by item. */
export class DriveMaker {
  readonly drive: Drive;
  readonly plan: DrivePlan;
  readonly random: Random;
  /** Keys of the folders that files may come into. */
  readonly folders: number[] = [ROOT];
  readonly #depths = new Map<number, number>([[ROOT, 0]]);
  #named = 0;

  constructor(plan: DrivePlan) {
    this.plan = plan;
    this.random = seededRandom(plan.seed, plan.number, 1010);
    const createdAt = isoSeconds(START);
    this.drive = new Drive(plan.number, newDriveState(plan.owner, createdAt));
    this.drive.set(ROOT, rootState(plan.owner, createdAt), 0, 0);
  }

  /** Nested folders for so many files. */
  addFolders(files: number): void {
    this.#addFolder(ROOT, 'Documents', { special: 'documents' });
    const count = Math.min(200, Math.ceil(files / 6));
    for (let made = 0; made < count; made++) this.#addFolder(this.#someFolder(), this.random.pick(FOLDER_NAMES));
  }

  /** An ordinary file; some have versions, and some the bytes of another one. */
  addSomeFile(size: number): number {
    const { extension } = this.random.pick(FILE_KINDS);
    const name = `${this.random.pick(FILE_STEMS)} ${++this.#named}.${extension}`;
    const older = this.random.chance(0.1) ? this.olderVersions(1 + this.random.below(3)) : {};
    return this.addFile(this.random.pick(this.folders), name, this.someContent(size), older);
  }

  addLargeFile(size: number): void {
    this.addFile(ROOT, 'Recording.mp4', { from: 'seed', seed: this.random.bits(), size, kind: 'noise' });
  }

  addFile(parent: number, name: string, content: ByteSource, more: Partial<ItemState> = {}): number {
    return this.add({ type: 'file', name, parent, content, ...more });
  }

  add(item: NewItem): number {
    const key = this.drive.newKey();
    const created = START + Math.floor(this.random.next() * DAYS * DAY);
    const modified = created + Math.floor(this.random.next() * 20 * DAY);
    const dates = {
      createdAt: isoSeconds(created),
      modifiedAt: isoSeconds(modified),
      // What was synchronized from a computer is older than its copy in the cloud.
      fileCreatedAt: isoSeconds(created - this.random.below(90) * DAY),
      fileModifiedAt: isoSeconds(modified - this.random.below(5000) * 1000),
    };
    this.drive.set(key, { ...newItemState(item, dates.createdAt), ...dates, ...item }, 0, 0);
    return key;
  }

  /** Now and then the same bytes as another file, also of another drive. */
  someContent(size: number): ByteSource {
    const { shared } = this.plan;
    if (shared.length > 0 && this.random.chance(0.05)) return this.random.pick(shared);
    const { kind } = this.random.pick(FILE_KINDS);
    const content: ByteSource = { from: 'seed', seed: this.random.bits(), size: Math.max(1, Math.round(size)), kind };
    if (this.random.chance(0.1)) shared.push(content);
    return content;
  }

  /** Versions that a file had before, as parts of its state. */
  olderVersions(count: number): Partial<ItemState> {
    const older = Array.from({ length: count }, (_, at) => ({
      version: at + 1,
      content: this.someContent(1000 + this.random.below(20_000)),
      modifiedAt: isoSeconds(START - (count - at) * 30 * DAY),
    }));
    return { older, version: count + 1, contentRevision: count + 1, revision: count + 2 };
  }

  #someFolder(): number {
    const shallow = this.folders.filter((key) => this.#depths.get(key)! < DEEPEST - 1);
    // The newest is a likely parent, so that the tree grows deep as well as wide.
    return this.random.chance(0.5) ? shallow.at(-1)! : this.random.pick(shallow);
  }

  #addFolder(parent: number, wanted: string, more: Partial<ItemState> = {}): void {
    const name = this.drive.child(parent, wanted) === undefined ? wanted : `${wanted} ${this.folders.length}`;
    const key = this.add({ type: 'folder', name, parent, ...more });
    this.folders.push(key);
    this.#depths.set(key, this.#depths.get(parent)! + 1);
  }
}

function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
