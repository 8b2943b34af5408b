import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { createAccount, createUser, type KeyPair } from '@nats-io/nkeys';
import { PermissionViolationError, type NatsConnection } from '@nats-io/transport-node';
import { isFailure, Secret } from '@backhaul/domain';
import { startNats, type NatsServer } from '@backhaul/local-servers';
import { dispatchNames, mintTransporterCredentials, type DispatchNames } from '../src/index.ts';
import { eventually, openNatsDispatch, type NatsUnderTest } from '../testing/index.ts';

/** What a Transporter's credentials refuse, asked of the real server (SEC-20, SEC-T15). */
describe('with the credentials of a Transporter, NATS', () => {
  let server: NatsServer;
  let dispatch: NatsUnderTest;
  let north: NatsConnection;
  let names: DispatchNames;

  beforeAll(async () => {
    server = await startNats();
    dispatch = await openNatsDispatch(server);
    names = dispatchNames(dispatch.installation);
    await dispatch.director.offers.ensureInbox('north', 'boot-1');
    await dispatch.director.offers.ensureInbox('south', 'boot-1');
    north = await dispatch.connectTransporter('north');
  }, 120_000);
  afterAll(async () => {
    await dispatch.close();
    await server.stop();
  });

  test.each<[what: string, subject: () => string]>([
    ['a task to itself', () => names.task('north', 'boot-1')],
    ['a task to another', () => names.task('south', 'boot-1')],
    ["another's result", () => names.result('south', 'task-1')],
    ["another's event", () => names.event('south', 'task-1')],
    ["another's want", () => names.want('south')],
    ["another's loan request", () => names.lend('south')],
    ['a control to itself', () => names.control('north')],
    ['a control to another', () => names.control('south')],
    ["the Director's marker", () => names.leaseMarker()],
    ["another's reply inbox", () => `${names.inbox('south')}.x`],
    ["the Directors' reply inbox", () => `${names.directorInbox()}.x`],
    ["pulls of another's offers", () => `$JS.API.CONSUMER.MSG.NEXT.${names.streams.tasks}.south`],
    ["acknowledgements of another's offers", () => `$JS.ACK.${names.streams.tasks}.south.1.1.1.1.0`],
    ['acknowledgements of results', () => `$JS.ACK.${names.streams.results}.director.1.1.1.1.0`],
    ['reading results', () => `$JS.API.STREAM.MSG.GET.${names.streams.results}`],
    ['reading tasks', () => `$JS.API.STREAM.MSG.GET.${names.streams.tasks}`],
    ['deleting a stream', () => `$JS.API.STREAM.DELETE.${names.streams.leases}`],
    ['purging a stream', () => `$JS.API.STREAM.PURGE.${names.streams.leases}`],
    ['deleting a message', () => `$JS.API.STREAM.MSG.DELETE.${names.streams.leases}`],
    ['changing a stream', () => `$JS.API.STREAM.UPDATE.${names.streams.leases}`],
    ['making a stream', () => '$JS.API.STREAM.CREATE.mine'],
    ['looking at a stream', () => `$JS.API.STREAM.INFO.${names.streams.tasks}`],
    ['making a consumer', () => `$JS.API.CONSUMER.CREATE.${names.streams.tasks}.mine`],
    ['making a durable consumer', () => `$JS.API.CONSUMER.DURABLE.CREATE.${names.streams.tasks}.north`],
    ['deleting its own consumer', () => `$JS.API.CONSUMER.DELETE.${names.streams.tasks}.north`],
    ["another installation's leases", () => dispatchNames('other').leaseKey({ laneId: 'lane-1', slot: 0 })],
    ['anything else', () => 'some.other.application'],
  ])('refuses to send: %s', async (_what, subject) => {
    expect(await isPublishRefused(north, subject())).toBe(true);
  });

  test.each<[what: string, subject: () => string]>([
    ['everything', () => '>'],
    ['everything of the installation', () => `bh.${dispatch.installation}.>`],
    ["another's tasks", () => names.task('south', 'boot-1')],
    ["another's controls", () => names.control('south')],
    ["another's reply inbox", () => `${names.inbox('south')}.>`],
    ["the Directors' reply inbox", () => `${names.directorInbox()}.>`],
    ['the usual reply inboxes', () => '_INBOX.>'],
    ['wants', () => names.all.wants],
    ['loan requests', () => names.all.lend],
    ['results', () => names.all.results],
    ['leases', () => names.all.leaseKeys],
    ['advisories of JetStream', () => '$JS.EVENT.ADVISORY.>'],
    ['the system', () => '$SYS.>'],
  ])('refuses to listen to %s', async (_what, subject) => {
    expect(await isSubscriptionRefused(north, subject())).toBe(true);
  });

  test.each<[what: string, subject: () => string]>([
    ['its result', () => names.result('north', 'task-1')],
    ['its event', () => names.event('north', 'task-1')],
    ['its want', () => names.want('north')],
    ['its loan request', () => names.lend('north')],
    ['a lease', () => names.leaseKey({ laneId: 'lane-1', slot: 0 })],
    ['pulls of its offers', () => `$JS.API.CONSUMER.MSG.NEXT.${names.streams.tasks}.north`],
    ['acknowledgements of its offers', () => `$JS.ACK.${names.streams.tasks}.north.1.1.1.1.0`],
    ['reading leases', () => `$JS.API.STREAM.MSG.GET.${names.streams.leases}`],
  ])('allows to send: %s', async (_what, subject) => {
    expect(await isPublishRefused(north, subject())).toBe(false);
  });

  test.each<[what: string, subject: () => string]>([
    ['its tasks', () => names.task('north', 'boot-1')],
    ['its controls', () => names.control('north')],
    ['its reply inbox', () => `${names.inbox('north')}.>`],
  ])('allows to listen to %s', async (_what, subject) => {
    expect(await isSubscriptionRefused(north, subject())).toBe(false);
  });

  test('cannot be made to publish for a rogue by its reply address', async () => {
    // The answer of the server (or of the Director) would arrive on a subject that the rogue may not use.
    const taken: string[] = [];
    const stop = new AbortController();
    const consuming = dispatch.director.results.consume(async ({ taskId }) => {
      taken.push(taskId);
    }, stop.signal);
    const victim = names.result('south', 'task-1');
    north.publish(names.leaseKey({ laneId: 'lane-1', slot: 0 }), 'not a lease', { reply: victim });
    north.publish(
      `$JS.API.STREAM.MSG.GET.${names.streams.leases}`,
      JSON.stringify({ last_by_subj: names.leaseKey({ laneId: 'lane-1', slot: 0 }) }),
      { reply: victim },
    );
    await north.flush();
    const manager = await jetstreamManager(dispatch.directorConnection);
    const waiting = async () =>
      (await manager.consumers.info(names.streams.results, names.directorConsumer)).num_pending;
    await eventually('what was smuggled in is refused', () => dispatch.director.results.refused >= 2);
    expect(await waiting()).toBe(0);
    expect(taken).toEqual([]);
    stop.abort();
    await consuming;
  });
});

describe('credentials of a Transporter', () => {
  test.each([
    ['userPublicKey', { userPublicKey: 'not-a-key' }],
    ['userPublicKey', { userPublicKey: createAccount().getPublicKey() }],
    ['accountSigningSeed', { accountSigningSeed: seedOf(createUser()) }],
    ['accountSigningSeed', { accountSigningSeed: new Secret('SUAnot-an-account') }],
    ['transporterId', { transporterId: '*' }],
    ['installation', { installation: '>' }],
  ])('are refused by the name of the field: %s', async (field, change) => {
    const good = {
      accountSigningSeed: seedOf(createAccount()),
      installation: 'main',
      transporterId: 'north',
      userPublicKey: createUser().getPublicKey(),
    };
    const failure: unknown = await mintTransporterCredentials({ ...good, ...change }).catch((error: unknown) => error);
    expect(isFailure(failure, 'invalid-input') && failure.where['field']).toBe(field);
    expect(String(failure)).not.toContain('SUAnot');
  });
});

function seedOf(keys: KeyPair): Secret {
  return new Secret(new TextDecoder().decode(keys.getSeed()));
}

/** Publishes and lets the server answer; what it refuses it says on the same connection before the flush is answered. */
async function isPublishRefused(connection: NatsConnection, subject: string): Promise<boolean> {
  const refusals = collectRefusals(connection);
  connection.publish(subject, '');
  await connection.flush();
  return (await refusals()).some(({ operation, subject: refused }) => operation === 'publish' && refused === subject);
}

async function isSubscriptionRefused(connection: NatsConnection, subject: string): Promise<boolean> {
  const refusals = collectRefusals(connection);
  const subscription = connection.subscribe(subject, { callback: () => undefined });
  await connection.flush();
  const refused = await refusals();
  subscription.unsubscribe();
  return refused.some((violation) => violation.operation === 'subscription' && violation.subject === subject);
}

function collectRefusals(connection: NatsConnection): () => Promise<PermissionViolationError[]> {
  const found: PermissionViolationError[] = [];
  const statuses = connection.status()[Symbol.asyncIterator]();
  const collecting = (async () => {
    for (;;) {
      const next = await statuses.next();
      if (next.done) return;
      const { value } = next;
      if (value.type === 'error' && value.error instanceof PermissionViolationError) found.push(value.error);
    }
  })();
  void collecting;
  return async () => {
    // One more round trip, so that the iterator has been fed.
    await connection.flush();
    return found;
  };
}
