import { readFileSync } from 'node:fs';
import { Secret, type ItemKind } from '@backhaul/domain';
import type { Simulator } from '@backhaul/graph-simulator';
import { failureOf } from '@backhaul/engine/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTokenSource, openDirectory, preflight, type ClientCredential } from '../src/index.ts';
import { simulatorScene, type SimulatorScene } from './simulator-scene.ts';

let scene: SimulatorScene;
let simulator: Simulator;

beforeAll(async () => {
  scene = await simulatorScene({ mailboxes: 3, messages: 3, seed: 7 });
  simulator = scene.simulator;
});
afterAll(() => scene.close());

describe('tokens', () => {
  test('come for a secret and for a certificate, with the permissions that the preflight asks for', async () => {
    const { keyPath, thumbprintSha256 } = simulator.clientCertificate;
    const byCertificate = await scene
      .tokenSource({
        type: 'certificate',
        thumbprintSha256,
        privateKey: new Secret(readFileSync(keyPath, 'utf8')),
      })
      .token();
    const bySecret = await scene.tokens.token();
    expect(byCertificate.roles).toEqual(bySecret.roles);
    const everything: ItemKind[] = ['mail', 'contacts', 'calendar', 'files'];
    expect(preflight(bySecret.roles, { backup: everything, restore: everything })).toEqual({
      missing: [],
      excess: [],
      ready: true,
    });
  });

  test('do not come for a wrong secret, client or tenant; the field is named', async () => {
    const wrong = { secret: new Secret('canary'), client: '9'.repeat(8) + '-0000-4000-8000-000000000000' };
    const secret = await failureOf(scene.tokenSource({ type: 'secret', secret: wrong.secret }).token());
    expect([secret.code, secret.where['field']]).toEqual(['entra.secret-wrong', 'credential']);
    const { loginUrl, graphUrl } = simulator;
    const common = { loginUrl, graphUrl, transport: scene.transport };
    const credential: ClientCredential = { type: 'secret', secret: new Secret(simulator.clientSecret) };
    const clientId = await failureOf(
      createTokenSource({ ...common, directoryId: simulator.tenantId, clientId: wrong.client, credential }).token(),
    );
    expect(clientId.where['field']).toBe('clientId');
    const directoryId = await failureOf(
      createTokenSource({ ...common, directoryId: wrong.client, clientId: simulator.clientId, credential }).token(),
    );
    expect(directoryId.where['field']).toBe('directoryId');
  });
});

describe('the inventory', () => {
  test('lists organization, users with the kind of their mailbox, groups, teams and sites', async () => {
    const directory = openDirectory(scene.open());
    expect((await directory.organization()).id).toBe(simulator.tenantId);
    const found = new Map<string, string | null>();
    for await (const page of directory.users()) for (const { id, mailbox } of page) found.set(id, mailbox);
    for (const { id, kind } of await simulator.control.users()) {
      expect([kind, found.get(id)]).toEqual([kind, kind === 'guest' ? undefined : kind === 'no-mailbox' ? null : kind]);
    }
    for await (const page of directory.groups()) expect(page.length).toBeGreaterThan(0);
    for await (const page of directory.sites()) expect(page.length).toBeGreaterThan(0);
  });
});
