import { beforeAll, describe, expect, test } from '@jest/globals';
import { useSimulator } from './support/use-simulator.ts';

const bench = useSimulator({ mailboxes: 2, messages: 120, bytes: 120 * 2000, seed: 5 });
let user = '';
let inbox = '';

beforeAll(async () => {
  user = (await bench.simulator.control.users())[0]!.id;
  inbox = `/users/${user}/mailFolders/inbox/messages`;
});

const post = (path: string, body: unknown): ReturnType<typeof bench.graph.call> =>
  bench.graph.call(path, { method: 'POST', body });
const received = (more: { id: string; value: string }[] = []): object => ({
  subject: 'Restored ü',
  body: { contentType: 'HTML', content: '<p>größe</p>' },
  from: { emailAddress: { name: 'A', address: 'a@x.example' } },
  toRecipients: [{ emailAddress: { name: 'B', address: 'b@x.example' } }],
  isRead: true,
  categories: ['Red'],
  importance: 'high',
  flag: { flagStatus: 'flagged' },
  internetMessageId: '<restored@x.example>',
  singleValueExtendedProperties: [
    { id: 'Integer 0x0E07', value: '1' },
    { id: 'SystemTime 0x0039', value: '2020-01-02T03:04:00Z' },
    { id: 'SystemTime 0x0E06', value: '2020-01-02T03:04:05Z' },
    ...more,
  ],
});

describe('listing messages', () => {
  test('newest first, in pages of ten, each message once', async () => {
    const { value, pages } = await bench.graph.all(`${inbox}?$count=true`);
    const dates = value.map(({ receivedDateTime }) => receivedDateTime as string);
    expect(dates).toEqual([...dates].sort().reverse());
    expect(pages).toBe(Math.ceil(value.length / 10));
    expect(new Set(value.map(({ id }) => id)).size).toBe(value.length);
    expect(Object.keys(value[0])).toEqual(
      expect.arrayContaining(['bodyPreview', 'body', 'changeKey', 'conversationId', 'flag', 'webLink']),
    );
  });

  test('$top, $skip, $select and $orderby are followed on later pages too', async () => {
    const { value } = await bench.graph.all(`${inbox}?$top=4&$skip=3&$select=subject&$orderby=subject desc`);
    const subjects = value.map(({ subject }) => ((subject as string | null) ?? '').toLowerCase());
    expect(subjects).toEqual([...subjects].sort().reverse());
    expect(Object.keys(value.at(-1))).toEqual(['@odata.etag', 'id', 'subject']);
    expect(value.length).toBe((await bench.graph.all(inbox)).value.length - 3);
  });

  test('a nextLink is opaque: altered, or used on another mailbox, it is refused', async () => {
    const { json } = await bench.graph.call(`${inbox.split('/mailFolders')[0]}/messages?$top=3`);
    const link = json['@odata.nextLink'] as string;
    const token = new URL(link).searchParams.get('$skiptoken')!;
    const altered = link.replace(token, `${token.slice(0, -3)}AAA`);
    expect((await bench.graph.call(altered)).status).toBe(400);
    const other = (await bench.simulator.control.users()).find(({ id }) => !inbox.includes(id))!.id;
    const elsewhere = link.replace(/users\('[^']+'\)/, `users('${other}')`);
    expect(elsewhere).not.toBe(link);
    expect((await bench.graph.call(elsewhere)).status).toBe(400);
    expect((await bench.graph.call(link)).status).toBe(200);
  });

  test('a property that messages lack is refused by name', async () => {
    const { json } = await bench.graph.call(`${inbox}?$select=wrong`);
    expect(json.error).toMatchObject({
      code: 'BadRequest',
      message: "Could not find a property named 'wrong' on type 'microsoft.graph.message'.",
    });
  });

  test.each([
    [
      "isRead eq false and importance eq 'normal'",
      (message: { isRead: boolean; importance: string }) => !message.isRead && message.importance === 'normal',
    ],
    [
      'receivedDateTime ge 2024-06-01T00:00:00Z and receivedDateTime lt 2024-12-01',
      ({ receivedDateTime: at }: { receivedDateTime: string }) => at >= '2024-06-01T00:00:00Z' && at < '2024-12-01',
    ],
    ["startswith(subject,'re:')", ({ subject }: { subject: string | null }) => subject?.startsWith('Re:') ?? false],
    ['hasAttachments eq true', (message: { hasAttachments: boolean }) => message.hasAttachments],
  ])('$filter=%s', async (filter, expected) => {
    const all = (await bench.graph.all(inbox)).value;
    const { value } = await bench.graph.all(`${inbox}?$filter=${encodeURIComponent(filter)}`);
    expect(value.map(({ id }) => id)).toEqual(
      all.filter(expected as (message: unknown) => boolean).map(({ id }) => id),
    );
    expect(value.length).toBeGreaterThan(0);
  });
});

describe('creating messages from JSON', () => {
  test('without message flags they are drafts of now', async () => {
    const { status, json } = await post(inbox, { subject: 'd', receivedDateTime: '2001-01-01T00:00:00Z' });
    expect([status, json.isDraft]).toEqual([201, true]);
    expect(Date.now() - Date.parse(json.receivedDateTime)).toBeLessThan(60_000);
  });

  test('with message flags and dates they are received messages of then, and look so to truth and MIME', async () => {
    const { json } = await post(inbox, received());
    expect(json).toMatchObject({
      isDraft: false,
      isRead: true,
      receivedDateTime: '2020-01-02T03:04:05Z',
      sentDateTime: '2020-01-02T03:04:00Z',
      internetMessageId: '<restored@x.example>',
      flag: { flagStatus: 'flagged' },
    });
    const truth = await bench.simulator.control.truth({ mailbox: user });
    const made = truth.messages.find(({ canonical }) => canonical?.internetMessageId === '<restored@x.example>')!;
    expect(made.canonical).toEqual({
      folderPath: ['Inbox'],
      internetMessageId: '<restored@x.example>',
      subject: 'Restored ü',
      from: { name: 'A', address: 'a@x.example' },
      to: [{ name: 'B', address: 'b@x.example' }],
      cc: [],
      bcc: [],
      replyTo: [],
      sentAt: '2020-01-02T03:04:00Z',
      receivedAt: '2020-01-02T03:04:05Z',
      isRead: true,
      importance: 'high',
      flag: 'flagged',
      categories: ['Red'],
      body: { type: 'html', text: '<p>größe</p>' },
      attachments: [],
    });
    const mime = (await bench.graph.call(`/users/${user}/messages/${json.id}/$value`)).bytes.toString();
    expect(mime).toContain('Date: Thu, 2 Jan 2020 03:04:00 +0000');
    expect(mime).toContain('<p>gr=C3=B6=C3=9Fe</p>');
  });

  test('the draft state cannot be changed afterwards, nor the subject of a received message', async () => {
    const draft = (await post(inbox, { subject: 'd' })).json;
    const patch = { singleValueExtendedProperties: [{ id: 'Integer 0x0E07', value: '1' }], subject: 'e' };
    const patched = await bench.graph.call(`/users/${user}/messages/${draft.id}`, { method: 'PATCH', body: patch });
    expect(patched.json).toMatchObject({ isDraft: true, subject: 'e' });
    const message = (await post(inbox, received())).json;
    const refused = await bench.graph.call(`/users/${user}/messages/${message.id}`, {
      method: 'PATCH',
      body: { subject: 'x' },
    });
    expect([refused.status, refused.json.error.code]).toEqual([400, 'ErrorInvalidPropertySet']);
    const read = await bench.graph.call(`/users/${user}/messages/${message.id}`, {
      method: 'PATCH',
      body: { isRead: false, categories: [] },
    });
    expect(read.json).toMatchObject({ isRead: false, categories: [] });
    expect(read.json.changeKey).not.toBe(message.changeKey);
  });

  test('named properties are found again by filter and told by $expand, in normal form', async () => {
    const mark = { id: 'String {8ECCC264-6880-4EBE-992F-8888D2EEAA1D} Name backhaul', value: "restore 7'a" };
    const { json } = await post(inbox, received([mark]));
    const filter = `singleValueExtendedProperties/Any(ep: ep/id eq '${mark.id}' and ep/value eq '${mark.value.replace("'", "''")}')`;
    const expand = `singleValueExtendedProperties($filter=id eq '${mark.id}' or id eq 'Integer 0x0E07')`;
    const found = await bench.graph.call(
      `${inbox}?$filter=${encodeURIComponent(filter)}&$expand=${encodeURIComponent(expand)}&$select=id`,
    );
    expect(found.json.value.map(({ id }: { id: string }) => id)).toEqual([json.id]);
    expect(found.json.value[0].singleValueExtendedProperties).toEqual([
      { id: 'String {8eccc264-6880-4ebe-992f-8888d2eeaa1d} Name backhaul', value: mark.value },
      { id: 'Integer 0xe07', value: '1' },
    ]);
    const elsewhere = await bench.graph.call(
      `/users/${user}/mailFolders/archive/messages?$filter=${encodeURIComponent(filter)}`,
    );
    expect(elsewhere.json.value).toEqual([]);
    const byId = await bench.graph.call(
      `${inbox}?$filter=${encodeURIComponent("internetMessageId eq '<restored@x.example>'")}&$top=100`,
    );
    expect(byId.json.value.map(({ id }: { id: string }) => id)).toContain(json.id);
  });

  test.each([
    ['recipients without an address', { toRecipients: [{ emailAddress: { name: 'x' } }] }, 'ErrorInvalidRecipients'],
    ['a bad reply-to address', { replyTo: [{ emailAddress: { address: 'not smtp' } }] }, 'ErrorInvalidRecipients'],
    ['a bad property id', { singleValueExtendedProperties: [{ id: 'Whatever', value: '1' }] }, 'ErrorInvalidProperty'],
    ['an unknown importance', { importance: 'huge' }, 'UnableToDeserializePostBody'],
  ])('%s: refused, nothing is made', async (_, body, code) => {
    const before = (await bench.graph.call(`${inbox}?$count=true&$top=1`)).json['@odata.count'];
    const answer = await post(inbox, body);
    expect([answer.status, answer.json.error.code]).toEqual([400, code]);
    expect((await bench.graph.call(`${inbox}?$count=true&$top=1`)).json['@odata.count']).toBe(before);
  });

  test('more than 4 MB is 413', async () => {
    const answer = await post(inbox, { body: { contentType: 'text', content: 'x'.repeat(4.2 * 1024 * 1024) } });
    expect(answer.status).toBe(413);
  });
});

describe('creating messages from MIME', () => {
  const send = (text: string): ReturnType<typeof bench.graph.call> =>
    bench.graph.call(inbox, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: Buffer.from(text).toString('base64'),
    });

  test('they are drafts with the headers and attachments of the MIME', async () => {
    const mime = [
      'From: "M, Ü" <m@x.example>',
      'To: b@x.example',
      'Subject: =?utf-8?Q?gr=C3=BC=C3=9Fe?=',
      'Date: Thu, 2 Jan 2020 03:04:00 +0000',
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary="b"',
      '',
      '--b',
      'Content-Type: text/plain; charset=iso-8859-1',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'f=FCr',
      '--b',
      'Content-Type: application/pdf; name="a.pdf"',
      'Content-Transfer-Encoding: base64',
      '',
      'AAEC',
      '--b--',
      '',
    ].join('\r\n');
    const { json } = await send(mime);
    expect(json).toMatchObject({
      isDraft: true,
      subject: 'grüße',
      from: { emailAddress: { name: 'M, Ü', address: 'm@x.example' } },
      sentDateTime: '2020-01-02T03:04:00Z',
    });
    const attachments = await bench.graph.call(`/users/${user}/messages/${json.id}/attachments`);
    expect(attachments.json.value).toMatchObject([
      { name: 'a.pdf', contentType: 'application/pdf', contentBytes: 'AAEC' },
    ]);
    const text = await bench.graph.call(`/users/${user}/messages/${json.id}?$select=body`, {
      headers: { prefer: 'outlook.body-content-type="text"' },
    });
    expect(text.json.body).toEqual({ contentType: 'text', content: 'für' });
  });

  test('what is no base64 is refused', async () => {
    const answer = await bench.graph.call(inbox, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: 'Subject: x\r\n\r\nx',
    });
    expect([answer.status, answer.json.error.code]).toEqual([400, 'ErrorMimeContentInvalidBase64String']);
  });
});

describe('moving, copying, deleting', () => {
  test('copy makes another message, move keeps the immutable id', async () => {
    const immutable = { prefer: 'IdType="ImmutableId"' };
    const message = (await bench.graph.call(inbox, { method: 'POST', body: received(), headers: immutable })).json;
    const path = `/users/${user}/messages/${message.id}`;
    const copy = await bench.graph.call(`${path}/copy`, {
      method: 'POST',
      body: { destinationId: 'archive' },
      headers: immutable,
    });
    expect(copy.json.id).not.toBe(message.id);
    const moved = await bench.graph.call(`${path}/move`, {
      method: 'POST',
      body: { destinationId: 'archive' },
      headers: immutable,
    });
    expect([moved.status, moved.json.id]).toEqual([201, message.id]);
    expect(moved.json.parentFolderId).toBe(copy.json.parentFolderId);
  });

  test('a deleted message goes to Deleted Items, then to the recoverable items, then for good', async () => {
    const immutable = { prefer: 'IdType="ImmutableId"' };
    const { id } = (await bench.graph.call(inbox, { method: 'POST', body: received(), headers: immutable })).json;
    const path = `/users/${user}/messages/${id}`;
    for (const folder of ['deleteditems', 'recoverableitemsdeletions']) {
      expect((await bench.graph.call(path, { method: 'DELETE' })).status).toBe(204);
      const at = await bench.graph.call(`/users/${user}/mailFolders/${folder}`);
      expect((await bench.graph.call(path)).json.parentFolderId).toBe(at.json.id);
    }
    expect((await bench.graph.call(path, { method: 'DELETE' })).status).toBe(204);
    expect((await bench.graph.call(path)).json.error.code).toBe('ErrorItemNotFound');
  });

  test('permanentDelete removes at once', async () => {
    const { id } = (await post(inbox, received())).json;
    expect((await post(`/users/${user}/messages/${id}/permanentDelete`, {})).status).toBe(204);
    expect((await bench.graph.call(`/users/${user}/messages/${id}`)).status).toBe(404);
  });
});

describe('sending', () => {
  test('needs a permission that the first application lacks, so nothing is sent', async () => {
    const draft = (await post(inbox, { subject: 'd' })).json;
    expect((await post(`/users/${user}/messages/${draft.id}/send`, {})).status).toBe(403);
    expect(await bench.simulator.control.sent()).toEqual({ mails: 0, invitations: 0 });
  });

  test('is counted', async () => {
    const app = await bench.simulator.control.addApplication({ roles: ['Mail.Send', 'Mail.ReadWrite'] });
    const token = await bench.graph.token(app.clientId, app.clientSecret);
    const draft = (await post(inbox, { subject: 'd' })).json;
    const headers = { authorization: `Bearer ${token}` };
    expect(
      (await bench.graph.call(`/users/${user}/messages/${draft.id}/send`, { method: 'POST', headers, body: {} }))
        .status,
    ).toBe(202);
    expect(await bench.simulator.control.sent()).toEqual({ mails: 1, invitations: 0 });
  });
});
