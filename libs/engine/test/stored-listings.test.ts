import { describe, expect, test } from '@jest/globals';
import type { ContactProperties } from '../src/index.ts';
import { contactEntry } from '../src/stored-contact.ts';
import { eventEntry } from '../src/stored-event.ts';

describe('what a point lists of a contact', () => {
  const ids = { id: 'c', changeKey: 'k', parentFolderId: 'f' };
  const addresses = [{ name: 'x', address: '' }, null, { name: 'y', address: 'y@example.com' }];

  test.each<[Partial<ContactProperties>, { name: string; address: string; company: string }]>([
    [
      { displayName: 'Ada', fileAs: 'L, A', companyName: 'X' },
      { name: 'Ada', address: '', company: 'X' },
    ],
    [
      { displayName: '', fileAs: 'L, A' },
      { name: 'L, A', address: '', company: '' },
    ],
    [{ companyName: 'X' }, { name: 'X', address: '', company: 'X' }],
    [{ emailAddresses: addresses }, { name: 'y@example.com', address: 'y@example.com', company: '' }],
    [{}, { name: '', address: '', company: '' }],
  ])('with %j', (properties, expected) => {
    expect(contactEntry({ ...ids, ...properties }, 'folder')).toEqual({
      type: 'item',
      kind: 'contact',
      containerId: 'folder',
      id: 'c',
      changeKey: 'k',
      ...expected,
    });
  });
});

test('what a point lists of an event: its times in UTC, and whether it is a series', () => {
  const zone = { timeZone: 'Tokyo Standard Time' };
  const start = { dateTime: '2026-03-02T09:00:00.0000000', ...zone };
  expect(eventEntry({ id: 'e', changeKey: 'k', type: 'seriesMaster', subject: 's', start }, 'calendar')).toEqual({
    type: 'item',
    kind: 'event',
    containerId: 'calendar',
    id: 'e',
    changeKey: 'k',
    subject: 's',
    organizer: '',
    startsAt: '2026-03-02T00:00:00.000Z',
    endsAt: '',
    isSeries: true,
    hasAttachments: false,
  });
});
