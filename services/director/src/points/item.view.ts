import type { ItemEntry } from '@backhaul/repository';
import { z } from 'zod';

const common = {
  id: z.string(),
  folderId: z.string(),
  size: z.number().describe('Bytes of all that is stored of it.'),
};
const time = (what: string) => z.string().describe(`${what} ISO 8601, UTC; empty when unknown.`);

export const MessageView = z
  .object({
    ...common,
    kind: z.literal('message'),
    subject: z.string(),
    from: z.string(),
    receivedAt: time('When it came.'),
    isRead: z.boolean(),
    hasAttachments: z.boolean(),
  })
  .meta({ id: 'Message' });

export const ContactView = z
  .object({
    ...common,
    kind: z.literal('contact'),
    name: z.string(),
    address: z.string().describe('The first mail address, or empty.'),
    company: z.string(),
  })
  .meta({ id: 'Contact' });

export const EventView = z
  .object({
    ...common,
    kind: z.literal('event'),
    subject: z.string(),
    organizer: z.string(),
    startsAt: time('Of a series: of its first occurrence.'),
    endsAt: time('Likewise.'),
    isSeries: z.boolean(),
    hasAttachments: z.boolean(),
  })
  .meta({ id: 'Event' });

export const FileView = z
  .object({
    ...common,
    kind: z.literal('file'),
    name: z.string(),
    createdAt: time('By its owner.'),
    modifiedAt: time('By its owner.'),
    contentSize: z.number().describe('Bytes of its content.'),
    contentHash: z.string().describe("Microsoft's quickXorHash in base64; empty where it gives none."),
  })
  .meta({ id: 'File' });

/** An item as lists show it; `kind` tells what else it has. */
export const ItemView = z
  .discriminatedUnion('kind', [MessageView, ContactView, EventView, FileView])
  .meta({ id: 'Item' });

/** What the schema does not name is left out when it is sent. */
export function itemView(item: ItemEntry): z.input<typeof ItemView> {
  if (item.kind !== 'file') return { ...item, folderId: item.containerId };
  const contentSize = item.parts.find(({ name }) => name === 'content')?.length ?? 0;
  return { ...item, folderId: item.containerId, contentSize };
}
