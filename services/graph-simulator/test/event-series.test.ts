import { beforeAll, describe, expect, test } from '@jest/globals';
import type { CalendarTruth, NewEvent } from '@backhaul/graph-simulator';
import { at, meeting, weekly, window } from './support/meetings.ts';
import { useSimulator } from './support/use-simulator.ts';

const bench = useSimulator({ mailboxes: 2, messages: 4, events: 6, seed: 8 });
let user = '';
let base = '';
const immutable = { prefer: 'IdType="ImmutableId", odata.maxpagesize=9' };
const truth = (): Promise<CalendarTruth> => bench.simulator.control.calendarTruth({ mailbox: user });
const sent = async (): Promise<number> => (await bench.simulator.control.sent()).invitations;

beforeAll(async () => {
  user = (await bench.simulator.control.users())[0]!.id;
  base = `/users/${user}`;
});

const post = (body: object, headers: Record<string, string> = immutable, calendar = `${base}/events`) =>
  bench.graph.call(calendar, { method: 'POST', headers, body });

describe('series', () => {
  test('take place at the same local time on both sides of a change of clocks', async () => {
    const { json } = await post(weekly());
    const { value } = await bench.graph.all(`${base}/events/${json.id}/instances?${window}`, { headers: immutable });
    expect(value.map(({ start }) => start.dateTime.slice(0, 16))).toEqual([
      '2026-03-02T09:00',
      '2026-03-09T09:00',
      '2026-03-16T09:00',
      '2026-03-23T09:00',
      '2026-03-30T08:00',
      '2026-04-06T08:00',
    ]);
    expect(new Set(value.map(({ id }) => id)).size).toBe(6);
    expect(new Set(value.map(({ iCalUId }) => iCalUId)).size).toBe(6);
    expect(value.every(({ type, seriesMasterId }) => type === 'occurrence' && seriesMasterId === json.id)).toBe(true);
  });

  test('a changed occurrence becomes an exception with a new id, a deleted one is cancelled, and the series tells both', async () => {
    const { json } = await post(weekly());
    const instances = `${base}/events/${json.id}/instances?${window}`;
    const { value } = await bench.graph.all(instances, { headers: immutable });
    const changed = await bench.graph.call(`${base}/events/${value[1].id}`, {
      method: 'PATCH',
      headers: immutable,
      body: { subject: 'Only once', start: at('2026-03-10T12:00:00'), end: at('2026-03-10T13:00:00') },
    });
    expect(changed.json).toMatchObject({
      type: 'exception',
      subject: 'Only once',
      originalStart: '2026-03-09T09:00:00Z',
    });
    expect(changed.json.id).not.toBe(value[1].id);
    expect((await bench.graph.call(`${base}/events/${value[1].id}`)).status).toBe(404);
    await bench.graph.call(`${base}/events/${changed.json.id}/attachments`, {
      method: 'POST',
      body: { '@odata.type': '#microsoft.graph.fileAttachment', name: 'once.txt', contentBytes: 'aGk=' },
    });
    await bench.graph.call(`${base}/events/${value[2].id}`, { method: 'DELETE' });
    const after = await bench.graph.all(instances, { headers: immutable });
    expect(after.value.map(({ subject }) => subject)).toEqual([
      'Meeting',
      'Only once',
      'Meeting',
      'Meeting',
      'Meeting',
    ]);
    const plain = await bench.graph.call(`${base}/events/${json.id}`, { headers: immutable });
    expect(plain.json).not.toHaveProperty('exceptionOccurrences');
    expect(plain.json).not.toHaveProperty('cancelledOccurrences');
    const whole = await bench.graph.call(
      `${base}/events/${json.id}?$select=subject,cancelledOccurrences&$expand=exceptionOccurrences,attachments`,
      { headers: immutable },
    );
    expect(whole.json.cancelledOccurrences).toEqual([`OID.${json.id}.2026-03-16`]);
    expect(whole.json.exceptionOccurrences).toHaveLength(1);
    expect(whole.json.exceptionOccurrences[0]).toMatchObject({ id: changed.json.id, hasAttachments: true });
    expect(whole.json.attachments).toEqual([]);
    const own = await bench.graph.call(`${base}/events/${changed.json.id}/attachments`);
    expect(own.json.value.map(({ name }: { name: string }) => name)).toEqual(['once.txt']);
    const { canonical } = (await truth()).events.find(({ id }) => id === json.id)!;
    expect(canonical!.cancelled).toEqual(['2026-03-16']);
    expect(canonical!.exceptions).toHaveLength(1);
    expect(canonical!.exceptions[0]).toMatchObject({
      originalStart: '2026-03-09T09:00:00Z',
      event: { subject: 'Only once', start: '2026-03-10T12:00:00Z', attachments: [{ name: 'once.txt' }] },
    });
  });

  test('an exception has what its series has, until it says otherwise; its attachments have ids of their own', async () => {
    const attachments = [{ '@odata.type': '#microsoft.graph.fileAttachment', name: 'all.txt', contentBytes: 'aGk=' }];
    const { json } = await post(weekly({ attachments }));
    const path = `${base}/events/${json.id}`;
    const { value } = await bench.graph.all(`${path}/instances?${window}`, { headers: immutable });
    const { json: exception } = await bench.graph.call(`${base}/events/${value[0].id}`, {
      method: 'PATCH',
      headers: immutable,
      body: { showAs: 'free' },
    });
    await bench.graph.call(path, { method: 'PATCH', body: { subject: 'All of them' } });
    const read = await bench.graph.call(`${base}/events/${exception.id}?$expand=attachments`);
    expect(read.json).toMatchObject({ subject: 'All of them', showAs: 'free', attachments: [{ name: 'all.txt' }] });
    const master = await bench.graph.call(`${path}?$expand=attachments`);
    expect(read.json.attachments[0].id).not.toBe(master.json.attachments[0].id);
  });

  test('another time of the whole series does away with exceptions and cancellations', async () => {
    const { json } = await post(weekly());
    const path = `${base}/events/${json.id}`;
    const { value } = await bench.graph.all(`${path}/instances?${window}`, { headers: immutable });
    await bench.graph.call(`${base}/events/${value[0].id}`, { method: 'DELETE' });
    await bench.graph.call(path, {
      method: 'PATCH',
      body: { start: at('2026-03-02T11:00:00'), end: at('2026-03-02T12:00:00') },
    });
    const { value: after } = await bench.graph.all(`${path}/instances?${window}`);
    expect(after).toHaveLength(6);
    expect(after[0].start.dateTime).toBe('2026-03-02T11:00:00.0000000');
  });

  test('a test puts a whole series with its exceptions and cancellations, and edits it', async () => {
    const { control } = bench.simulator;
    const given: NewEvent = {
      mailbox: user,
      event: weekly({
        organizer: { emailAddress: { name: 'Boss', address: 'Boss@X.example' } },
        responseStatus: { response: 'accepted' },
        attendees: [{ emailAddress: { name: 'B', address: 'b@x.example' }, status: { response: 'declined' } }],
      }),
      exceptions: [{ date: '2026-03-16', set: { subject: 'Other', attachments: [] } }],
      cancelled: ['2026-03-23'],
    };
    const before = await sent();
    const { id } = await control.addEvent(given);
    await control.edit(
      {
        do: 'change-occurrence',
        mailbox: user,
        event: id,
        date: '2026-03-30',
        set: { location: { displayName: 'Roof' } },
      },
      { do: 'cancel-occurrence', mailbox: user, event: id, date: '2026-03-09' },
      { do: 'update-event', mailbox: user, event: id, set: { importance: 'high' } },
    );
    const { canonical } = (await truth()).events.find((event) => event.id === id)!;
    expect(canonical).toMatchObject({
      importance: 'high',
      organizer: { name: 'Boss', address: 'boss@x.example' },
      attendees: [{ name: 'B', address: 'b@x.example', type: 'required', response: 'declined' }],
      cancelled: ['2026-03-09', '2026-03-23'],
      exceptions: [
        { event: { subject: 'Other', importance: 'high' } },
        { event: { location: 'Roof', importance: 'high' } },
      ],
    });
    const read = await bench.graph.call(`${base}/events/${id}`);
    expect(read.json).toMatchObject({ isOrganizer: false, responseStatus: { response: 'accepted' } });
    expect(await sent()).toBe(before);
    await expect(control.addEvent({ ...given, cancelled: ['2026-03-24'] })).rejects.toThrow(
      'no occurrence on 2026-03-24',
    );
  });
});

describe('large attachments of events', () => {
  test('come in fragments; the session tells the address of what was made', async () => {
    const { json } = await post(meeting());
    const size = 3_200_000;
    const session = await bench.graph.call(`${base}/events/${json.id}/attachments/createUploadSession`, {
      method: 'POST',
      body: { AttachmentItem: { attachmentType: 'file', name: 'large.bin', size } },
    });
    expect(session.status).toBe(201);
    const bytes = Buffer.alloc(size, 7);
    const put = (from: number, to: number) =>
      bench.graph.raw(session.json.uploadUrl, {
        method: 'PUT',
        headers: { 'content-range': `bytes ${from}-${to - 1}/${size}` },
        body: bytes.subarray(from, to),
      });
    expect((await put(0, 2_000_000)).json.NextExpectedRanges).toEqual(['2000000']);
    const done = await put(2_000_000, size);
    expect(done.status).toBe(201);
    const id = /Events\('[^']+'\)\/Attachments\('([^']+)'\)$/.exec(String(done.headers['location']))![1]!;
    const mutable = (await bench.graph.call(`${base}/events/${json.id}?$select=id`)).json.id as string;
    const value = await bench.graph.call(`${base}/events/${mutable}/attachments/${id}/$value`);
    expect(value.bytes.equals(bytes)).toBe(true);
  });
});
