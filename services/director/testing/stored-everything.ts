import type { ItemKind } from '@backhaul/domain';
import type { FolderListing, ItemListing, PartToStore } from '@backhaul/repository';
import type { ItemToStore } from './stored-mailbox.ts';

/** Folders and items of every kind, as a backup stores them. */

const folder = (kind: ItemKind, id: string, name: string, parentId = ''): FolderListing => ({
  type: 'folder',
  containerId: '',
  kind,
  id,
  parentId,
  name,
  wellKnownName: null,
  hidden: false,
});

export const FOLDERS: readonly FolderListing[] = [
  folder('mail', 'inbox', 'Inbox'),
  folder('mail', 'projects', 'Projects', 'inbox'),
  folder('contacts', 'people', 'People'),
  folder('calendar', 'calendar', 'Calendar'),
  folder('files', 'root', 'root'),
];

export const PNG = Buffer.from('89504e470d0a1a0a0000', 'hex');
export const PLAN = Buffer.from('%PDF plan');
/** 100,000 bytes that do not repeat, so that a range cannot be taken for another. */
export const CONTENT = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7 + (index >> 8)) % 256));

const person = (name: string, address: string) => ({ emailAddress: { name, address } });

export function message(
  id: string,
  subject: string,
  changes: Partial<ItemListing> & { html?: string } = {},
): ItemToStore {
  const { html = '<p>Hello</p>', ...listed } = changes;
  const listing = {
    type: 'item',
    kind: 'message',
    containerId: 'inbox',
    id,
    changeKey: 'c1',
    subject,
    from: 'Ada Lovelace <ada@example.com>',
    receivedAt: '2026-01-02T03:04:05.000Z',
    isRead: true,
    hasAttachments: true,
    ...listed,
  } as ItemListing;
  const properties = {
    id,
    subject,
    from: person('Ada Lovelace', 'ada@example.com'),
    toRecipients: [person('Bob', 'bob@example.com')],
    receivedDateTime: '2026-01-02T03:04:05Z',
    isRead: true,
  };
  return {
    listing,
    parts: [json('properties', properties), { name: 'mime', format: 'mime', content: mime(subject, html) }],
  };
}

/** HTML with an inline image and an attached file. */
export function mime(subject: string, html: string): Buffer {
  const part = (head: string[], content: Buffer) => [
    '--b',
    ...head,
    'Content-Transfer-Encoding: base64',
    '',
    content.toString('base64'),
  ];
  return Buffer.from(
    [
      'From: Ada Lovelace <ada@example.com>',
      `Subject: ${subject}`,
      'MIME-Version: 1.0',
      'Content-Type: multipart/related; boundary="b"',
      '',
      ...part(['Content-Type: text/html; charset=utf-8'], Buffer.from(html)),
      ...part(['Content-Type: image/png; name="logo.png"', 'Content-ID: <logo@1>', 'Content-Disposition: inline'], PNG),
      ...part(
        ['Content-Type: application/pdf; name="plan.pdf"', 'Content-Disposition: attachment; filename="plan.pdf"'],
        PLAN,
      ),
      '--b--',
      '',
    ].join('\r\n'),
  );
}

export function contact(id: string, name: string, company = 'Analytical Engines'): ItemToStore {
  const properties = {
    id,
    displayName: name,
    companyName: company,
    emailAddresses: [{ name, address: 'zoe@example.com' }],
  };
  return {
    listing: {
      type: 'item',
      kind: 'contact',
      containerId: 'people',
      id,
      changeKey: 'c1',
      name,
      address: 'zoe@example.com',
      company,
    },
    parts: [json('properties', properties), { name: 'photo', format: 'bytes', content: PNG }],
  };
}

export function event(id: string, subject: string): ItemToStore {
  const zoned = (dateTime: string) => ({ dateTime, timeZone: 'UTC' });
  const attachment = {
    kind: 'file',
    name: 'agenda.pdf',
    contentType: 'application/pdf',
    contentId: '',
    isInline: false,
  };
  const properties = {
    id,
    subject,
    iCalUId: id,
    type: 'singleInstance',
    body: { contentType: 'html', content: '<script>alert(1)</script><p>Agenda</p>' },
    start: zoned('2026-03-04T10:00:00'),
    end: zoned('2026-03-04T11:00:00'),
    organizer: person('Grace Hopper', 'grace@example.com'),
    attendees: [{ ...person('Bob', 'bob@example.com'), type: 'required', status: { response: 'accepted' } }],
  };
  return {
    listing: {
      type: 'item',
      kind: 'event',
      containerId: 'calendar',
      id,
      changeKey: 'c1',
      subject,
      organizer: 'Grace Hopper <grace@example.com>',
      startsAt: '2026-03-04T10:00:00.000Z',
      endsAt: '2026-03-04T11:00:00.000Z',
      isSeries: false,
      hasAttachments: true,
    },
    parts: [
      json('properties', properties),
      json('attachments', [{ ...attachment, part: 'attachment-0' }]),
      { name: 'attachment-0', format: 'bytes', content: PLAN },
    ],
  };
}

export function file(id: string, name: string, content: Uint8Array = CONTENT): ItemToStore {
  const versions = [{ id: '1.0', modifiedAt: '2025-01-01T00:00:00Z', size: 3, part: 'version-0' }];
  const permissions = [{ id: 'p', roles: ['write'], grantedToV2: { user: { displayName: 'Bob' } } }];
  return {
    listing: {
      type: 'item',
      kind: 'file',
      containerId: 'root',
      id,
      changeKey: 'c1',
      name,
      createdAt: '2025-01-01T00:00:00.000Z',
      modifiedAt: '2025-06-07T08:09:10.000Z',
      contentHash: 'hash=',
    },
    parts: [
      json('properties', { id, name, file: { mimeType: 'video/mp4' } }),
      { name: 'content', format: 'bytes', content },
      json('versions', versions),
      { name: 'version-0', format: 'bytes', content: Buffer.from('old') },
      json('permissions', permissions),
    ],
  };
}

/** One item of each kind. */
export const ITEMS: readonly ItemToStore[] = [
  message('m1', 'Quarterly plan', {
    html: '<script>alert(1)</script><p onclick="x()">Hello <img src="cid:logo@1"><img src="https://evil.test/x"></p>',
  }),
  contact('c1', 'Zoë Ångström'),
  event('e1', 'Review of the plan'),
  file('f1', 'Film "one".mp4'),
];

function json(name: string, value: unknown): PartToStore {
  return { name, format: 'bytes', content: Buffer.from(JSON.stringify(value)) };
}
