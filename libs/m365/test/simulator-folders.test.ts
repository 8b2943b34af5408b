import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mailboxSources, mailSource, type Graph } from '../src/index.ts';
import { idsOf, pagesOf, simulatorScene, wellKnown, type SimulatorScene } from './simulator-scene.ts';

const { signal } = new AbortController();

let scene: SimulatorScene;
let graph: Graph;
beforeAll(async () => {
  scene = await simulatorScene({ mailboxes: 1, messages: 1, seed: 7 });
  graph = scene.open();
});
afterAll(() => scene.close());

describe('recoverable items', () => {
  const RECOVERABLE = ['recoverableitemsdeletions', 'recoverableitemspurges', 'recoverableitemsversions'];

  test('are left out unless they are asked for, and then come in hidden top folders of their own', async () => {
    const { id } = await scene.simulator.control.addUser();
    const namesOf = async (recoverableItems: boolean) =>
      (await mailSource(graph, id, { recoverableItems }).folders(signal))
        .filter(({ wellKnownName }) => wellKnownName?.startsWith('recoverable'))
        .map(({ wellKnownName, parentId, hidden }) => [wellKnownName, parentId, hidden]);
    expect(await namesOf(false)).toEqual([]);
    expect(await namesOf(true)).toEqual(RECOVERABLE.map((name) => [name, '', true]));
  });

  test('hold what was deleted from Deleted Items', async () => {
    const { control } = scene.simulator;
    const { id: user } = await control.addUser();
    const { id } = await control.addMessage({ mailbox: user, folder: 'deleteditems', message: { subject: 'Gone' } });
    const inbox = await wellKnown(graph, user, 'deleteditems');
    await graph.send({
      method: 'DELETE',
      path: `/users/${user}/messages/${encodeURIComponent(id)}`,
      prefer: ['IdType="ImmutableId"'],
    });
    const folders = await mailSource(graph, user, { recoverableItems: true }).folders(signal);
    const deletions = folders.find(({ wellKnownName }) => wellKnownName === 'recoverableitemsdeletions')?.id ?? '';
    expect(idsOf(await pagesOf(graph, user, inbox))).toEqual([]);
    expect(idsOf(await pagesOf(graph, user, deletions))).toEqual([id]);
  });
});

describe('an in-place archive', () => {
  test('that Graph does not tell of is not known of', async () => {
    const { id } = await scene.simulator.control.addUser();
    await scene.simulator.control.addFault({
      match: { pathRegex: '/settings/exchange' },
      effect: { kind: 'status', status: 403, code: 'accessDenied' },
    });
    expect(await mailboxSources(graph, id).hasArchive(signal)).toBeNull();
    await scene.simulator.control.clearFaults();
  });

  test.each([true, false])('that is there or not: %s', async (hasArchive) => {
    const { control } = scene.simulator;
    const { id } = await control.addUser();
    await control.updateUser(id, { hasArchive });
    expect(await mailboxSources(graph, id).hasArchive(signal)).toBe(hasArchive);
  });
});
