import type { ProtectedObject } from '@backhaul/domain';
import type { ContainerState, PointDraft } from '../src/point.ts';
import type { ContactEntry, EventEntry, FileEntry, FolderEntry, MessageEntry, PartContent } from '../src/entry.ts';
import type { ObjectTask } from '../src/repository.ts';

/** Valid things for tests, which name only what matters to them. */

export function anObject(changes: Partial<ProtectedObject> = {}): ProtectedObject {
  return {
    id: '0190d2a0-0000-7000-8000-000000000001',
    tenantId: '0190d2a0-0000-7000-8000-0000000000aa',
    kind: 'mailbox',
    externalId: 'b7c0f8a2-6f5e-4b7e-9d55-000000000001',
    displayName: 'Ada Lovelace',
    address: 'ada@example.com',
    ...changes,
  };
}

export function aTask(changes: Partial<ObjectTask> = {}): ObjectTask {
  const object = changes.object ?? anObject();
  return {
    chain: { jobId: 'job-1', objectId: object.id },
    object,
    jobName: 'Mail of everybody',
    tenantName: 'Example Ltd',
    taskId: 'task-1',
    runId: 'run-1',
    fence: 1,
    ...changes,
  };
}

export function aDraft(changes: Partial<PointDraft> = {}): PointDraft {
  return {
    status: 'complete',
    kinds: ['mail'],
    containers: [],
    skipped: [],
    startedAt: '2026-01-01T00:00:00Z',
    bytesTotal: 0,
    ...changes,
  };
}

export function aContainer(changes: Partial<ContainerState> = {}): ContainerState {
  return {
    containerId: 'inbox',
    method: 'microsoft-delta',
    cursor: 'https://graph.example/delta?token=1',
    cursorScope: 'all',
    state: 'read',
    asOf: '2026-01-01T00:00:00Z',
    ...changes,
  };
}

export function aFolder(id: string, changes: Partial<FolderEntry> = {}): FolderEntry {
  return {
    type: 'folder',
    containerId: '',
    kind: 'mail',
    id,
    parentId: '',
    name: id,
    wellKnownName: null,
    hidden: false,
    parts: [],
    ...changes,
  };
}

/** An entry of `putItem` without what comes from its parts. */
type Listing<T> = Omit<T, 'parts' | 'size'>;

/** A message, as `putItem` takes it besides the parts. */
export function anItem(id: string, changes: Partial<MessageEntry> = {}): Listing<MessageEntry> {
  return {
    type: 'item',
    kind: 'message',
    containerId: 'inbox',
    id,
    changeKey: `ck-${id}`,
    subject: `Subject of ${id}`,
    from: 'Grace <grace@example.com>',
    receivedAt: '2026-01-01T00:00:00Z',
    isRead: false,
    hasAttachments: false,
    ...changes,
  };
}

export function aContact(id: string, changes: Partial<ContactEntry> = {}): Listing<ContactEntry> {
  return {
    type: 'item',
    kind: 'contact',
    containerId: 'contacts',
    id,
    changeKey: `ck-${id}`,
    name: `Name of ${id}`,
    address: 'grace@example.com',
    company: 'Example Ltd',
    ...changes,
  };
}

export function anEvent(id: string, changes: Partial<EventEntry> = {}): Listing<EventEntry> {
  return {
    type: 'item',
    kind: 'event',
    containerId: 'calendar',
    id,
    changeKey: `ck-${id}`,
    subject: `Subject of ${id}`,
    organizer: 'Grace <grace@example.com>',
    startsAt: '2026-01-01T09:00:00Z',
    endsAt: '2026-01-01T10:00:00Z',
    isSeries: false,
    hasAttachments: false,
    ...changes,
  };
}

export function aFile(id: string, changes: Partial<FileEntry> = {}): Listing<FileEntry> {
  return {
    type: 'item',
    kind: 'file',
    containerId: 'drive',
    id,
    changeKey: `ck-${id}`,
    name: `${id}.txt`,
    createdAt: '2026-01-01T00:00:00Z',
    modifiedAt: '2026-01-02T00:00:00Z',
    contentHash: '',
    ...changes,
  };
}

/** A MIME part and a properties part. */
export function messageParts(mime: Uint8Array | string, properties: object = {}): PartContent[] {
  return [
    { name: 'mime', format: 'mime', content: Buffer.from(mime) },
    { name: 'properties', format: 'bytes', content: Buffer.from(JSON.stringify(properties)) },
  ];
}
