import { failureOf } from '@backhaul/engine/testing';
import type { ContentStream } from '@backhaul/engine';
import { describe, expect, test } from '@jest/globals';
import { driveSource } from '../src/index.ts';
import type { Arrival } from './scripted-server.ts';
import { ok, refuse, scriptedGraph } from './scripted-graph.ts';

const { signal } = new AbortController();
const BYTES = Buffer.from('0123456789');
const graph = scriptedGraph();

/** A file whose content is given out at this address of the scripted server. */
function item(path = '/download/1', more: object = {}) {
  return {
    id: 'file-1',
    size: BYTES.length,
    eTag: '"1"',
    cTag: '"c1"',
    '@microsoft.graph.downloadUrl': graph.server.root + path,
    ...more,
  };
}

/** Gives out the bytes as Microsoft's download host does. */
function download(arrival: Arrival): void {
  const range = /^bytes=(\d+)-$/.exec(arrival.headers.range ?? '');
  const from = Number(range?.[1] ?? 0);
  const length = { 'content-length': String(BYTES.length - from) };
  if (range === null) return arrival.reply(200, BYTES, length);
  const head = { ...length, 'content-range': `bytes ${from}-${BYTES.length - 1}/${BYTES.length}` };
  arrival.reply(206, BYTES.subarray(from), head);
}

async function gathered({ bytes }: ContentStream): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces);
}

function open(more = {}) {
  return driveSource(graph.open(more), 'user-1');
}

const FROM_START = { offset: 0, ifTag: null };

describe('a download', () => {
  test('goes to the listed address, without our token and as it is', async () => {
    graph.answerInTurn(download);
    const content = await open().content(item('/download/1?tempauth=a%2Fb'), FROM_START, signal);
    expect([content.length, await gathered(content)]).toEqual([10, BYTES]);
    const [arrival, ...others] = graph.server.arrivals;
    expect(others).toEqual([]);
    expect(arrival).toMatchObject({ method: 'GET', url: '/download/1?tempauth=a%2Fb' });
    expect(arrival?.headers).toMatchObject({ accept: '*/*', 'accept-encoding': 'identity' });
    expect(arrival?.headers.authorization).toBeUndefined();
  });

  test.each([401, 403, 404])('whose address answers %i is made from a fresh one, at once', async (status) => {
    graph.answerInTurn(refuse(status, 'x'), ok(item('/download/2')), download);
    const content = await open().content(item(), FROM_START, signal);
    expect((await gathered(content)).equals(BYTES)).toBe(true);
    expect(graph.server.arrivals.map(({ url }) => url)).toEqual([
      '/download/1',
      '/v1.0/users/user-1/drive/items/file-1',
      '/download/2',
    ]);
    expect(graph.server.arrivals.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      'Bearer token-1',
      undefined,
    ]);
  });

  test('from a byte on asks for a fresh address and the rest', async () => {
    graph.answerInTurn(ok(item('/download/2')), download);
    const content = await open().content(item(), { offset: 4, ifTag: item() }, signal);
    expect([content.length, (await gathered(content)).toString()]).toEqual([10, '456789']);
    expect(graph.server.arrivals[1]?.headers.range).toBe('bytes=4-');
  });

  test('from a byte on, of a host that knows no ranges, leaves out what is known', async () => {
    graph.answerInTurn(ok(item('/download/2')), (arrival) => arrival.reply(200, BYTES, { 'content-length': '10' }));
    const content = await open().content(item(), { offset: 4, ifTag: item() }, signal);
    expect((await gathered(content)).toString()).toBe('456789');
  });

  test('is not gone on with when the content is another one', async () => {
    graph.answerInTurn(ok(item('/download/2', { cTag: '"c2"', eTag: '"2"' })));
    const failure = await failureOf(open().content(item(), { offset: 4, ifTag: item() }, signal));
    expect(failure.code).toBe('drive.changed-meanwhile');
    expect(graph.server.arrivals).toHaveLength(1);
  });

  test('of a large file uses no address out of a list', async () => {
    graph.answerInTurn(ok(item('/download/2')), download);
    await gathered(await open().content(item('/download/1', { size: 100 * 1024 * 1024 }), FROM_START, signal));
    expect(graph.server.arrivals.map(({ url }) => url)).toEqual([
      '/v1.0/users/user-1/drive/items/file-1',
      '/download/2',
    ]);
  });

  test('of an item without an address follows where its content is said to be', async () => {
    const redirect = (arrival: Arrival) => arrival.reply(302, '', { location: `${graph.server.root}/download/3` });
    graph.answerInTurn(ok({ id: 'file-1' }), redirect, download);
    const content = await open().content({ id: 'file-1' }, FROM_START, signal);
    expect((await gathered(content)).equals(BYTES)).toBe(true);
  });

  test('never goes to a foreign host', async () => {
    const foreign = item('', { '@microsoft.graph.downloadUrl': 'https://evil.example/file' });
    const failure = await failureOf(open().content(foreign, FROM_START, signal));
    expect(failure.code).toBe('graph.foreign-link');
    expect(graph.server.arrivals).toEqual([]);
  });

  test('that is infected is unreadable, whether by error or by header', async () => {
    graph.answerInTurn(refuse(403, 'malwareDetected'));
    expect((await failureOf(open().content(item(), FROM_START, signal))).kind).toBe('unreadable');
    graph.answerInTurn((arrival) => arrival.reply(200, BYTES, { 'x-virus-infected': 'true', 'content-length': '10' }));
    expect((await failureOf(open().content(item(), FROM_START, signal))).kind).toBe('unreadable');
  });

  test('that stalls times out, and one that is cut off is lost; both after what has come', async () => {
    const half = (then: (arrival: Arrival) => void) => (arrival: Arrival) => {
      arrival.response.writeHead(200, { 'content-length': '10' });
      arrival.response.write(BYTES.subarray(0, 5), () => then(arrival));
    };
    for (const [then, kind] of [
      [() => undefined, 'timed-out'],
      [(arrival: Arrival) => arrival.response.destroy(), 'unavailable'],
    ] as const) {
      graph.answerInTurn(half(then));
      const { bytes } = await open().content(item(), FROM_START, signal);
      const pieces: Uint8Array[] = [];
      const reading = (async () => {
        for await (const piece of bytes) pieces.push(piece);
      })();
      expect((await failureOf(reading)).kind).toBe(kind);
      expect(Buffer.concat(pieces).toString()).toBe('01234');
    }
  });

  test('ends when the work is stopped', async () => {
    graph.answerInTurn((arrival) => {
      arrival.response.writeHead(200, { 'content-length': '10' });
      arrival.response.write(BYTES.subarray(0, 5));
    });
    const stop = new AbortController();
    const { bytes } = await open().content(item(), FROM_START, stop.signal);
    const reading = (async () => {
      for await (const _ of bytes) stop.abort();
    })();
    expect((await failureOf(reading)).kind).toBe('cancelled');
  });

  test('that nobody reads is held back by the connection, and memory stays flat', async () => {
    const total = 64 * 1024 * 1024;
    let sent = 0;
    graph.answerInTurn((arrival) => {
      arrival.response.writeHead(200, { 'content-length': String(total) });
      const piece = Buffer.alloc(256 * 1024);
      const more = () => {
        while (sent < total) {
          sent += piece.length;
          if (!arrival.response.write(piece)) return void arrival.response.once('drain', more);
        }
        arrival.response.end();
      };
      more();
    });
    const { bytes } = await open().content(item('/download/1', { size: total }), FROM_START, signal);
    const iterator = bytes[Symbol.asyncIterator]();
    let read = (await iterator.next()).value?.length ?? 0;
    await new Promise((resolve) => setTimeout(resolve, 300));
    // What lies in sockets and waits here is far from the whole.
    expect(sent).toBeLessThan(24 * 1024 * 1024);
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) read += next.value.length;
    expect([read, sent]).toEqual([total, total]);
  });
});
