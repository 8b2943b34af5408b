import { ITEM_KINDS } from '@backhaul/domain';
import type { ItemEntry } from '@backhaul/repository';
import { z } from 'zod';
import type { FolderWithPath, ItemPreview } from './browse-point.ts';
import { formatPointId } from './point-id.ts';
import type { PointRow } from './point.store.ts';

export const PointView = z
  .object({
    id: z.string().describe('job id, object id and sequence, joined by dots.'),
    jobId: z.uuid(),
    jobName: z.string().nullable(),
    objectId: z.uuid(),
    sequence: z.int(),
    repositoryId: z.uuid(),
    status: z
      .enum(['complete', 'incomplete'])
      .describe('incomplete: some folders could not be read and show an earlier state.'),
    kinds: z.array(z.enum(ITEM_KINDS)).describe('What it covers; what is not named was not read.'),
    createdAt: z.iso.datetime(),
    itemCount: z.number(),
    bytesTotal: z.number(),
    bytesNew: z.number().describe('Bytes it added to the store.'),
  })
  .meta({ id: 'RecoveryPoint' });

export const FolderView = z
  .object({
    id: z.string(),
    parentId: z.string().describe('Empty for a top folder.'),
    name: z.string(),
    path: z.array(z.string()).describe('Names from the top folder down.'),
    wellKnownName: z.string().nullable(),
    hidden: z.boolean(),
  })
  .meta({ id: 'Folder' });

export const ItemView = z
  .object({
    id: z.string(),
    folderId: z.string(),
    kind: z.literal('message'),
    subject: z.string(),
    from: z.string(),
    receivedAt: z.string().describe('ISO 8601, UTC; empty when unknown.'),
    size: z.number().describe('Bytes of all parts.'),
    isRead: z.boolean(),
    hasAttachments: z.boolean(),
  })
  .meta({ id: 'Item' });

const AddressView = z.object({ name: z.string(), address: z.string() });

const AttachmentView = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('file'),
    name: z.string(),
    contentType: z.string(),
    contentId: z.string(),
    isInline: z.boolean(),
    sha256: z.string(),
  }),
  z.object({
    kind: z.literal('item'),
    name: z.string(),
    item: z.record(z.string(), z.unknown()).describe('The message inside, in the same form.'),
  }),
  z.object({ kind: z.literal('reference'), name: z.string() }),
]);

export const ItemDetailsView = ItemView.extend({
  folderPath: z.array(z.string()),
  unreadBecause: z.string().nullable().describe('Why the newest version is missing; null when it is there.'),
  message: z
    .object({
      internetMessageId: z.string(),
      subject: z.string(),
      from: AddressView.nullable(),
      to: z.array(AddressView),
      cc: z.array(AddressView),
      bcc: z.array(AddressView),
      replyTo: z.array(AddressView),
      sentAt: z.string().nullable(),
      receivedAt: z.string().nullable(),
      isRead: z.boolean(),
      importance: z.string(),
      flag: z.string(),
      categories: z.array(z.string()),
      body: z.object({
        type: z.enum(['text', 'html']),
        text: z
          .string()
          .describe('As the sender wrote it: HTML in it is not made safe. Never put it into a page as it is.'),
      }),
      attachments: z.array(AttachmentView),
    })
    .nullable()
    .describe('In the canonical form; null when no version of it could ever be read.'),
}).meta({ id: 'ItemDetails' });

/** A point as the API shows it. */
export function pointView(point: PointRow): z.input<typeof PointView> {
  return { id: formatPointId(point), ...point, createdAt: point.createdAt.toISOString() };
}

export function folderView(folder: FolderWithPath): z.input<typeof FolderView> {
  return folder;
}

export function itemView(item: ItemEntry): z.input<typeof ItemView> {
  return { ...item, folderId: item.containerId };
}

export function itemDetailsView(
  item: ItemEntry,
  folderPath: string[],
  { message, unreadBecause }: ItemPreview,
): z.input<typeof ItemDetailsView> {
  return {
    ...itemView(item),
    folderPath,
    unreadBecause,
    message:
      message === null
        ? null
        : {
            ...message,
            attachments: message.attachments.map((attachment) =>
              attachment.kind === 'item' ? { ...attachment, item: { ...attachment.item } } : attachment,
            ),
          },
  };
}
