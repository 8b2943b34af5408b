import { Failure } from '@backhaul/domain';
import type { DriveItem, FileDates } from '../../src/drive/drive-item.ts';
import type { DrivePermission, FileVersion } from '../../src/drive/drive-source.ts';
import { QuickXorHash } from '../../src/drive/quick-xor-hash.ts';

/** What can be asked of the drive, by the names of the ports' methods. */
export type DriveRequestKind =
  | 'drive'
  | 'changes'
  | 'latest'
  | 'children'
  | 'item'
  | 'content'
  | 'versions'
  | 'versionContent'
  | 'permissions'
  | 'child'
  | 'ensureFolder'
  | 'write'
  | 'setDates'
  | 'rename'
  | 'remove'
  | 'grant'
  | 'link';

export interface DriveRequest {
  kind: DriveRequestKind;
  /** The item it is about; `''` where there is none. */
  about: string;
  /** Of content: where it begins. */
  offset: number;
}

/** A fault that is to happen exactly once; a test ends with {@link FakeDrive.plannedFaults} being empty. */
export interface PlannedDriveFault {
  on: DriveRequestKind;
  /** Only requests about this item. */
  about?: string;
  /** 1 is the next matching request. Default 1. */
  nth?: number;
  failure: Failure;
  /** Of content: so many bytes come before it breaks. Default: the request itself fails. */
  afterBytes?: number;
  /** The request takes effect, only its answer is lost. */
  answerLost?: boolean;
}

/** An item as the fake keeps it. */
export interface FakeDriveItem {
  id: string;
  kind: 'root' | 'folder' | 'notebook' | 'file' | 'shortcut';
  name: string;
  /** `''` for the root. */
  parentId: string;
  content: Uint8Array;
  /** Of which drive's change it is the newest state. */
  changedAt: number;
  contentChangedAt: number;
  createdAt: number;
  dates: FileDates;
  /** Older contents, oldest first. */
  versions: (FileVersion & { content: Uint8Array })[];
  permissions: DrivePermission[];
  /** Microsoft blocks it. */
  malware: boolean;
  /** What Microsoft states instead of the true hash; `''`: none. */
  statedHash: string | null;
  isGone: boolean;
}

const EPOCH = Date.parse('2026-01-01T00:00:00Z');

/**
 * A OneDrive in memory: items with ids that outlive moves, a log of changes with cursors, versions and permissions.
 * `fakeDriveSource` and `fakeDriveTarget` are its faces. Every change has a number of its own, which is also its time in
 * seconds.
 */
export class FakeDrive {
  readonly id: string;
  readonly rootId: string;
  /** Entries of a page. */
  pageSize = 200;
  /** Bytes that fit in; what is over is refused. */
  capacity = Number.POSITIVE_INFINITY;
  /** The next deletions of folders tell of the folder only. */
  tellsOfDescendants = true;
  /** Files that are written here come out with other bytes: the service writes its own properties into them. */
  rewrites: (name: string) => boolean = () => false;
  readonly requests: DriveRequest[] = [];
  /** Called before every request; a test may change the drive from here. */
  onRequest: (request: DriveRequest) => void = () => undefined;
  readonly #items = new Map<string, FakeDriveItem>();
  readonly #log: { at: number; id: string }[] = [];
  readonly #faults: PlannedDriveFault[] = [];
  #now = 0;
  #made = 0;
  #forgottenBefore = 0;

  constructor(id = 'drive-1') {
    this.id = id;
    this.rootId = `${id}-root`;
    this.#put({ id: this.rootId, kind: 'root', name: 'root', parentId: '' });
  }

  /** Adds a folder (or notebook, or shortcut); returns its id. */
  addFolder(parentId: string, name: string, kind: 'folder' | 'notebook' | 'shortcut' = 'folder'): string {
    return this.#put({ id: this.#newId(kind), kind, name, parentId }).id;
  }

  /** Adds a file; returns its id. */
  addFile(parentId: string, name: string, content: Uint8Array | string = `content of ${name}`): string {
    const item = this.#put({ id: this.#newId('file'), kind: 'file', name, parentId });
    item.content = asBytes(content);
    return item.id;
  }

  /** Writes another content; the former one becomes a version. */
  writeFile(id: string, content: Uint8Array | string): void {
    const item = this.item(id);
    this.#keepVersion(item);
    item.content = asBytes(content);
    this.#touch(item);
    item.contentChangedAt = item.changedAt;
    item.dates = { ...item.dates, lastModifiedDateTime: this.time(item.changedAt) };
  }

  rename(id: string, name: string): void {
    const item = this.item(id);
    item.name = name;
    this.#touch(item);
  }

  move(id: string, parentId: string): void {
    const item = this.item(id);
    item.parentId = parentId;
    this.#touch(item);
  }

  setDates(id: string, dates: FileDates): void {
    const item = this.item(id);
    item.dates = { ...item.dates, ...dates };
    this.#touch(item);
  }

  /** Removes an item and what lies below it. */
  remove(id: string): void {
    const item = this.item(id);
    for (const child of this.#children(id)) this.#removeSilently(child.id);
    item.isGone = true;
    this.#touch(item);
  }

  /** Sets who may do what with the item; that changes none of its tags. */
  share(id: string, permissions: DrivePermission[]): void {
    const item = this.item(id);
    item.permissions = permissions;
    this.#log.push({ at: (this.#now += 1), id });
  }

  /** Every cursor given out so far is forgotten. */
  expireCursors(): void {
    this.#forgottenBefore = this.#now + 1;
    this.#now += 1;
  }

  /** The item; @throws Failure `not-found`. */
  item(id: string): FakeDriveItem {
    const item = this.#items.get(id);
    if (item === undefined || item.isGone) throw notFound(id);
    return item;
  }

  /** The items that lie in a folder, by name. */
  childrenOf(folderId: string): FakeDriveItem[] {
    this.item(folderId);
    return this.#children(folderId).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Everything that is there: path → content of files, path + `/` → '' for folders. */
  contents(folderId = this.rootId, prefix = ''): Record<string, string> {
    const found: Record<string, string> = {};
    for (const item of this.childrenOf(folderId)) {
      if (item.kind === 'file') found[prefix + item.name] = Buffer.from(item.content).toString('utf8');
      else Object.assign(found, { [`${prefix}${item.name}/`]: '' }, this.contents(item.id, `${prefix}${item.name}/`));
    }
    return found;
  }

  /** Bytes in use. */
  get usedBytes(): number {
    return [...this.#items.values()].reduce((sum, { content, isGone }) => sum + (isGone ? 0 : content.length), 0);
  }

  /** Changes after a cursor (null: everything that is there), parents before children, the newest state of each. */
  changesSince(cursor: string | null): { changed: DriveItem[]; removed: { id: string; parentId: string }[] } {
    const since = cursor === null ? 0 : this.#position(cursor);
    const ids = new Set(this.#log.filter(({ at }) => at > since).map(({ id }) => id));
    const items = [...ids].flatMap((id) => this.#items.get(id) ?? []);
    const there = items.filter(({ isGone }) => !isGone);
    const withAncestors = new Set(there.flatMap((item) => [...this.#ancestors(item).reverse(), item]));
    return {
      changed: [...withAncestors].map((item) => this.describe(item, cursor !== null)),
      removed:
        cursor === null ? [] : items.filter(({ isGone }) => isGone).map(({ id, parentId }) => ({ id, parentId })),
    };
  }

  /** The cursor of this moment. */
  get cursor(): string {
    return `${this.id}@${this.#now}`;
  }

  /** An item as Microsoft describes it; change tracking leaves out the content tag. */
  describe(item: FakeDriveItem, byChangeTracking = false): DriveItem {
    const isFile = item.kind === 'file';
    const hash = item.statedHash ?? new QuickXorHash().update(item.content).digest();
    return {
      id: item.id,
      name: item.name,
      size: item.content.length,
      eTag: `"${item.id},${item.changedAt}"`,
      ...(!byChangeTracking && { cTag: `"c:${item.id},${item.contentChangedAt}"` }),
      ...(item.kind !== 'root' && { parentReference: { driveId: this.id, id: item.parentId } }),
      ...(item.kind === 'root' && { root: {} }),
      ...(isFile && {
        file: { mimeType: 'application/octet-stream', ...(hash !== '' && { hashes: { quickXorHash: hash } }) },
      }),
      ...((item.kind === 'root' || item.kind === 'folder') && {
        folder: { childCount: this.#children(item.id).length },
      }),
      ...(item.kind === 'notebook' && { package: { type: 'oneNote' } }),
      ...(item.kind === 'shortcut' && { folder: { childCount: 0 }, remoteItem: { id: 'elsewhere' } }),
      ...(item.malware && { malware: { description: 'Virus:DOS/EICAR_Test_File' } }),
      ...(item.permissions.length > 0 && { shared: { scope: 'users' } }),
      fileSystemInfo: item.dates,
      createdDateTime: this.time(item.createdAt),
      lastModifiedDateTime: this.time(item.changedAt),
    };
  }

  /** ISO 8601 of a moment of this drive. */
  time(at: number): string {
    return new Date(EPOCH + at * 1000).toISOString();
  }

  plan(fault: PlannedDriveFault): void {
    this.#faults.push(fault);
  }

  /** Faults that have not happened yet. */
  get plannedFaults(): readonly PlannedDriveFault[] {
    return this.#faults;
  }

  /** Requests of this kind so far. */
  count(kind: DriveRequestKind): number {
    return this.requests.filter((request) => request.kind === kind).length;
  }

  /** Notes a request and returns the fault that is planned for it, taken off the plan. */
  ask(kind: DriveRequestKind, about = '', offset = 0): PlannedDriveFault | null {
    const request = { kind, about, offset };
    this.requests.push(request);
    this.onRequest(request);
    for (const fault of this.#faults) {
      if (fault.on !== kind || (fault.about !== undefined && fault.about !== about)) continue;
      if ((fault.nth ?? 1) > 1) {
        fault.nth = (fault.nth ?? 1) - 1;
        continue;
      }
      this.#faults.splice(this.#faults.indexOf(fault), 1);
      return fault;
    }
    return null;
  }

  /** @throws Failure `quota` when so many bytes more do not fit in. */
  assertRoomFor(bytes: number): void {
    if (this.usedBytes + bytes <= this.capacity) return;
    throw new Failure('quota', { code: 'fake.quota', message: 'The drive is full.', retry: 'later' });
  }

  #position(cursor: string): number {
    const at = Number(cursor.slice(this.id.length + 1));
    if (!cursor.startsWith(`${this.id}@`) || Number.isNaN(at) || at < this.#forgottenBefore) {
      throw new Failure('expired', { code: 'fake.expired', message: 'The cursor is not known.', retry: 'now' });
    }
    return at;
  }

  #put(given: Pick<FakeDriveItem, 'id' | 'kind' | 'name' | 'parentId'>): FakeDriveItem {
    const at = this.#now + 1;
    const item: FakeDriveItem = {
      ...given,
      content: new Uint8Array(0),
      changedAt: at,
      contentChangedAt: at,
      createdAt: at,
      dates: { createdDateTime: this.time(at), lastModifiedDateTime: this.time(at) },
      versions: [],
      permissions: [],
      malware: false,
      statedHash: null,
      isGone: false,
    };
    this.#items.set(item.id, item);
    this.#touch(item);
    return item;
  }

  #touch(item: FakeDriveItem): void {
    item.changedAt = this.#now += 1;
    this.#log.push({ at: this.#now, id: item.id });
  }

  #keepVersion(item: FakeDriveItem): void {
    const id = `${item.versions.length + 1}.0`;
    item.versions.push({ id, modifiedAt: this.time(item.changedAt), size: item.content.length, content: item.content });
  }

  #removeSilently(id: string): void {
    for (const child of this.#children(id)) this.#removeSilently(child.id);
    const item = this.item(id);
    item.isGone = true;
    if (this.tellsOfDescendants) this.#touch(item);
  }

  #children(folderId: string): FakeDriveItem[] {
    return [...this.#items.values()].filter(({ parentId, isGone }) => !isGone && parentId === folderId);
  }

  #ancestors(item: FakeDriveItem): FakeDriveItem[] {
    const parent = this.#items.get(item.parentId);
    return parent === undefined ? [] : [parent, ...this.#ancestors(parent)];
  }

  #newId(kind: string): string {
    this.#made += 1;
    return `${this.id}-${kind}-${this.#made}`;
  }
}

function asBytes(content: Uint8Array | string): Uint8Array {
  return typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
}

function notFound(id: string): Failure {
  return new Failure('not-found', { code: 'fake.not-found', message: `There is no item ${id}.`, retry: 'never' });
}
