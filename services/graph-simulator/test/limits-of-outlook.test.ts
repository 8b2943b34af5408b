import { beforeAll, describe, expect, test } from '@jest/globals';
import { useSimulator } from './support/use-simulator.ts';

const bench = useSimulator({ mailboxes: 2, messages: 8, contacts: 8, events: 8 });
let base = '';
let other = '';

beforeAll(async () => {
  const users = await bench.simulator.control.users();
  base = `/users/${users[0]!.id}`;
  other = `/users/${users[1]!.id}`;
});

const statuses = async (answers: Promise<{ status: number }>[]): Promise<number[]> =>
  (await Promise.all(answers)).map(({ status }) => status).sort();

describe('limits of a mailbox', () => {
  test('four requests at once are for mail, contacts and calendars together', async () => {
    const { control } = bench.simulator;
    await control.updateSettings({ latencyMs: 150 });
    const paths = ['messages?$top=1', 'contacts?$top=1', 'calendars', 'events?$top=1', 'contactFolders', 'mailFolders'];
    expect(await statuses(paths.map((path) => bench.graph.call(`${base}/${path}`)))).toEqual([
      200, 200, 200, 200, 429, 429,
    ]);
    const spread = paths.map((path, at) => bench.graph.call(`${at % 2 === 0 ? base : other}/${path}`));
    expect(await statuses(spread)).toEqual(Array<number>(6).fill(200));
    await control.updateSettings({ latencyMs: 0 });
  });

  test('bytes of photos, events, their attachments and fragments count as uploaded', async () => {
    const { control } = bench.simulator;
    const contact = (await bench.graph.call(`${base}/contacts`, { method: 'POST', body: { displayName: 'x' } })).json
      .id;
    const time = { dateTime: '2026-01-01T00:00:00', timeZone: 'UTC' };
    const event = (await bench.graph.call(`${base}/events`, { method: 'POST', body: { start: time, end: time } })).json
      .id;
    const item = { attachmentType: 'file', name: 'n', size: 3_200_000 };
    const session = await bench.graph.call(`${base}/events/${event}/attachments/createUploadSession`, {
      method: 'POST',
      body: { AttachmentItem: item },
    });
    const large = Buffer.alloc(90_000);
    const uploads: Record<string, () => Promise<{ status: number; headers: Record<string, unknown>; json: any }>> = {
      photo: () =>
        bench.graph.call(`${base}/contacts/${contact}/photo/$value`, {
          method: 'PUT',
          headers: { 'content-type': 'image/png' },
          body: large,
        }),
      attachment: () =>
        bench.graph.call(`${base}/events/${event}/attachments`, {
          method: 'POST',
          body: { '@odata.type': '#microsoft.graph.fileAttachment', name: 'a', contentBytes: large.toString('base64') },
        }),
      fragment: () =>
        bench.graph.raw(session.json.uploadUrl, {
          method: 'PUT',
          headers: { 'content-range': `bytes 0-89999/${item.size}` },
          body: large,
        }),
    };
    for (const [what, upload] of Object.entries(uploads)) {
      await control.updateSettings({ limits: { uploadBytesPer5Minutes: 1000 } });
      const refused = await upload();
      expect([what, refused.status, refused.json.error.code]).toEqual([what, 429, 'ApplicationThrottled']);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      await control.updateSettings({ limits: { uploadBytesPer5Minutes: 0 } });
      expect((await upload()).status).toBeLessThan(300);
    }
  });

  test('requests in a window are for all of a mailbox together', async () => {
    const { control } = bench.simulator;
    await control.updateSettings({ limits: { requestsPerWindow: 3, windowSeconds: 500 } });
    const answers: number[] = [];
    for (const path of ['contacts', 'calendars', 'mailFolders', 'events'])
      answers.push((await bench.graph.call(`${other}/${path}?$top=1`)).status);
    expect(answers).toEqual([200, 200, 200, 429]);
    await control.updateSettings({ limits: { requestsPerWindow: 10_000, windowSeconds: 600 } });
  });
});
