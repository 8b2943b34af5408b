import { Secret } from '@backhaul/domain';
import { backupMailbox } from '@backhaul/engine';
import { backupWork, failureOf, MemoryRepository, objectTask, workContext } from '@backhaul/engine/testing';
import type { FaultRule } from '@backhaul/graph-simulator';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTokenSource, mailboxSources, type Graph } from '../src/index.ts';
import { simulatorScene, type SimulatorScene } from './simulator-scene.ts';

const work = backupWork({ kinds: ['mail', 'contacts', 'calendar'] });

let scene: SimulatorScene;
beforeAll(async () => {
  scene = await simulatorScene({ mailboxes: 1, messages: 2, seed: 7 });
});
afterAll(() => scene.close());

function backup(graph: Graph, user: string, repository = new MemoryRepository()) {
  const sources = mailboxSources(graph, user);
  const context = workContext();
  return backupMailbox({ sources, writer: repository.openWriter(), task: objectTask(), work, context });
}

describe('a mailbox', () => {
  test.each([
    ['that is gone', { mailboxState: 'missing' }, 'graph.mailbox-missing'],
    ['of a user who was deleted', { deleted: true }, 'graph.mailbox-unusable'],
    ['that is inactive or without a licence', { mailboxState: 'inactive' }, 'graph.mailbox-unusable'],
    ['that a policy keeps from us', { mailboxState: 'denied' }, 'graph.mailbox-denied'],
  ] as const)('%s fails as a whole, says so, and is no empty mailbox', async (_what, state, code) => {
    const { control } = scene.simulator;
    const { id } = await control.addUser();
    await control.updateUser(id, state);
    expect(await failureOf(backup(scene.open(), id))).toMatchObject({ kind: 'forbidden', code });
  });

  test('of a user who never had one fails as a whole', async () => {
    const { id } = await scene.simulator.control.addUser({ kind: 'no-mailbox' });
    expect(await failureOf(backup(scene.open(), id))).toMatchObject({ code: 'graph.mailbox-missing' });
  });

  test('over its quota can be backed up', async () => {
    const { control } = scene.simulator;
    const { id } = await control.addUser();
    await control.updateUser(id, { mailboxState: 'over-quota' });
    expect(await backup(scene.open(), id)).toMatchObject({ type: 'done', outcome: 'succeeded' });
  });
});

describe('an application without the right to', () => {
  async function openAs(roles: string[]): Promise<Graph> {
    const { clientId, clientSecret } = await scene.simulator.control.addApplication({ roles });
    const { loginUrl, graphUrl, tenantId: directoryId } = scene.simulator;
    const credential = { type: 'secret', secret: new Secret(clientSecret ?? '') } as const;
    const { transport } = scene;
    const tokens = createTokenSource({ loginUrl, graphUrl, directoryId, clientId, credential, transport });
    return scene.open({ token: async () => (await tokens.token()).accessToken });
  }

  test.each([
    ['contacts', ['Mail.Read', 'Calendars.Read'], 'Contacts.Read'],
    ['calendars', ['Mail.Read', 'Contacts.Read'], 'Calendars.Read'],
    ['mail', ['Contacts.Read', 'Calendars.Read'], 'Mail.Read'],
  ])('%s reads the rest, and the permission is named', async (_what, roles, permission) => {
    const { id } = await scene.simulator.control.addUser();
    const outcome = await backup(await openAs(roles), id);
    expect(outcome).toMatchObject({ outcome: 'warning', point: { status: 'incomplete' } });
    expect(outcome.issues).toMatchObject([{ result: 'failed', failure: { where: { permission } } }]);
    expect(outcome.issues[0]?.failure.hint).toContain(permission);
  });

  test('anything reads nothing', async () => {
    const { id } = await scene.simulator.control.addUser();
    const failure = await failureOf(backup(await openAs([]), id));
    expect(failure.where['permission']).toBe('Mail.Read');
  });
});

describe('change tracking that does not work', () => {
  const rules: [string, string, FaultRule['effect']][] = [
    [
      'gives a new link to the same page for ever',
      'calendarView/delta',
      { kind: 'endless-next-link', variant: 'new-link' },
    ],
    ['gives the same link for ever', 'calendarView/delta', { kind: 'endless-next-link', variant: 'same-link' }],
    ['fails', 'calendarView/delta', { kind: 'status', status: 503, body: 'empty' }],
    [
      'is not supported',
      'calendarView/delta',
      {
        kind: 'status',
        status: 400,
        code: 'BadRequest',
        message: "Parameter 'DeltaToken' not supported for this request.",
      },
    ],
    ['fails', 'contacts/delta', { kind: 'status', status: 504, body: 'empty' }],
    [
      'says that the mailbox is over its quota',
      'contacts/delta',
      { kind: 'status', status: 507, code: 'ErrorQuotaExceeded' },
    ],
    ['fails', 'messages/delta', { kind: 'status', status: 500, body: 'empty' }],
  ];

  test.each(rules)(
    'because it %s (%s) is replaced by a plain list, and nothing is missing',
    async (_why, path, effect) => {
      const { control } = scene.simulator;
      const { id: mailbox } = await control.addUser();
      await control.addContact({ mailbox, contact: { displayName: 'Ada' } });
      const at = (hour: number) => ({ dateTime: `2026-12-07T${hour}:00:00`, timeZone: 'UTC' });
      await control.addEvent({ mailbox, event: { subject: 'Team', start: at(10), end: at(11) } });
      await control.addFault({ match: { mailbox, pathRegex: path }, effect });
      const outcome = await backup(scene.open({ maxTries: 2 }), mailbox);
      await control.clearFaults();
      expect(outcome).toMatchObject({ outcome: 'warning', point: { status: 'complete', itemCount: 2 } });
      expect(new Set(outcome.issues.map(({ failure }) => failure.code))).toEqual(new Set(['change-tracking.compared']));
    },
  );
});
