import { z } from 'zod';
import { ContactView, EventView, FileView, MessageView } from './item.view.ts';

const AddressView = z.object({ name: z.string(), address: z.string() });

export const BodyView = z
  .object({
    type: z.enum(['text', 'html']),
    text: z.string().describe('What a person reads, as plain text.'),
    html: z
      .string()
      .nullable()
      .describe(
        'Made harmless: no scripts, forms, styles of pages or anything that is fetched. Show it in a sandboxed frame all the same. Null for plain text. The original is in the download.',
      ),
    blockedImages: z.int().describe('Images from elsewhere that are left out.'),
    isCut: z.boolean().describe('The original is longer.'),
  })
  .meta({ id: 'Body' });

export const AttachmentView = z
  .object({
    index: z.int().describe('Names it in its download.'),
    kind: z
      .enum(['file', 'item', 'reference'])
      .describe('item: a message; reference: a link to a file in the cloud, without bytes.'),
    name: z.string(),
    contentType: z.string(),
    contentId: z.string(),
    isInline: z.boolean(),
    size: z.number(),
    sha256: z.string(),
  })
  .meta({ id: 'Attachment' });

const details = {
  folderPath: z.array(z.string()).describe('Names from the top folder down.'),
  unreadBecause: z
    .string()
    .nullable()
    .describe('Why the newest version, or some of it, is missing; null when it is there.'),
};
const neverRead = 'Null when no version of it could ever be read.';

const MessageDetails = MessageView.extend({
  ...details,
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
      body: BodyView,
      attachments: z.array(AttachmentView),
    })
    .nullable()
    .describe(neverRead),
}).meta({ id: 'MessageDetails' });

const ContactDetails = ContactView.extend({
  ...details,
  contact: z
    .object({
      fields: z
        .record(
          z.string(),
          z.union([z.string(), z.array(z.string()), z.array(AddressView), z.record(z.string(), z.string())]),
        )
        .describe("By Microsoft's names; only those that have a value."),
      photo: z.string().nullable().describe('A data: address of the image; null without one, or for a large one.'),
    })
    .nullable()
    .describe(neverRead),
}).meta({ id: 'ContactDetails' });

const occurrence = {
  subject: z.string(),
  body: BodyView,
  start: z.string().nullable().describe('UTC; a date for an event of whole days.'),
  end: z.string().nullable(),
  isAllDay: z.boolean(),
  timeZone: z.string(),
  location: z.string(),
  showAs: z.string(),
  sensitivity: z.string(),
  importance: z.string(),
  categories: z.array(z.string()),
  isReminderOn: z.boolean(),
  reminderMinutesBeforeStart: z.number(),
  attendees: z.array(AddressView.extend({ type: z.string(), response: z.string() })),
};

const EventDetails = EventView.extend({
  ...details,
  event: z
    .object({
      ...occurrence,
      organizer: AddressView.nullable(),
      recurrence: z
        .object({
          pattern: z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())])),
          range: z.record(z.string(), z.union([z.string(), z.number()])),
        })
        .nullable(),
      exceptions: z
        .array(z.object({ originalStart: z.string(), event: z.object(occurrence) }))
        .describe('Changed occurrences of a series.'),
      cancelled: z.array(z.string()).describe('Dates of cancelled occurrences.'),
      attachments: z.array(AttachmentView).describe('Those of changed occurrences behind those of the event.'),
    })
    .nullable()
    .describe(neverRead),
}).meta({ id: 'EventDetails' });

const FileDetails = FileView.extend({
  ...details,
  file: z
    .object({
      mimeType: z.string(),
      sha256: z.string(),
      versions: z
        .array(z.object({ id: z.string(), modifiedAt: z.string(), size: z.number() }))
        .describe('Older versions that are in the point, newest first.'),
      permissions: z
        .array(z.object({ roles: z.array(z.string()), grantedTo: z.array(z.string()), link: z.string().nullable() }))
        .describe('Those that are not inherited, where they were backed up.'),
    })
    .nullable()
    .describe(neverRead),
}).meta({ id: 'FileDetails' });

/** An item with what a preview needs; `kind` tells which. */
export const ItemDetailsView = z
  .discriminatedUnion('kind', [MessageDetails, ContactDetails, EventDetails, FileDetails])
  .meta({ id: 'ItemDetails' });
