import { createHash } from 'node:crypto';
import type { Simulator } from '@backhaul/graph-simulator';
import { failureOf } from '@backhaul/engine/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mailSource, type Graph } from '../src/index.ts';
import { idsOf, pagesOf, simulatorScene, type SimulatorScene } from './simulator-scene.ts';

let scene: SimulatorScene;
let simulator: Simulator;
let graph: Graph;
/** User ids with a mailbox. */
let users: string[];
let logStart: number;
const { signal } = new AbortController();

beforeAll(async () => {
  scene = await simulatorScene({ mailboxes: 3, messages: 900, largeFolder: 300, bytes: 900 * 3_000, seed: 7 });
  simulator = scene.simulator;
  users = (await simulator.control.users()).filter(({ messages }) => messages > 0).map(({ id }) => id);
});
beforeEach(async () => {
  logStart = (await simulator.control.log({})).next;
  graph = scene.open();
});
afterAll(() => scene.close());

describe('reading a mailbox', () => {
  test('gives every folder and every message, with the bytes that were sent, four requests at once at most', async () => {
    const [user = ''] = users;
    const source = mailSource(graph, user);
    const truth = await simulator.control.truth({ mailbox: user, forms: false });
    const folders = await source.folders(signal);
    expect(folders.map(({ id }) => id).sort()).toEqual(truth.folders.map(({ id }) => id).sort());
    for (const { id, wellKnownName, hidden } of folders) {
      expect(truth.folders.find((folder) => folder.id === id)).toMatchObject({ wellKnownName, hidden });
    }

    const listed = await Promise.all(folders.map(async ({ id }) => idsOf(await pagesOf(graph, users[0] ?? '', id))));
    expect(listed.flat().sort()).toEqual(truth.messages.map(({ id }) => id).sort());

    const hashes = await Promise.all(
      listed.flat().map(async (id) =>
        createHash('sha256')
          .update(await source.mime(id, signal))
          .digest('hex'),
      ),
    );
    const entries = (await scene.logged(logStart)).filter(({ mailbox }) => mailbox === user);
    const sent = entries.filter(({ path }) => path.endsWith('/$value')).map(({ sha256 }) => sha256);
    expect([...hashes].sort()).toEqual([...sent].sort());
    expect(entries.every(({ task }) => task === 'task')).toBe(true);
    expect((await simulator.control.logSummary({ since: logStart })).maxConcurrentPerMailbox).toBeLessThanOrEqual(4);
  });

  test.each<[string, 'missing' | 'inactive' | 'denied', string]>([
    ['gone', 'missing', 'graph.mailbox-missing'],
    ['inactive', 'inactive', 'graph.mailbox-unusable'],
    ['closed to us', 'denied', 'graph.mailbox-denied'],
  ])('that is %s says so and is no empty mailbox', async (_what, mailboxState, code) => {
    const { id } = await simulator.control.addUser();
    await simulator.control.updateUser(id, { mailboxState });
    const source = mailSource(graph, id);
    for (const ask of [source.folders(signal), source.mime('AAkA', signal), pagesOf(graph, id, 'inbox')]) {
      expect(await failureOf(ask)).toMatchObject({ kind: 'forbidden', code });
    }
  });
});
