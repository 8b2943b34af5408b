import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import type { TaskResult } from '@backhaul/domain';
import { startNats, type NatsServer } from '@backhaul/local-servers';
import { activeTrace, withTraceparent } from '@backhaul/telemetry';
import { encodeResultMessage, encodeWantMessage } from '@backhaul/wire';
import { dispatchNames, FOREIGN_LEASE_VALUE, type DispatchNames, type LeaseValue, type Want } from '../src/index.ts';
import { messageHeaders } from '../src/nats/message-headers.ts';
import { eventually, loan, offer, openNatsDispatch, taskResult, want, type NatsUnderTest } from '../testing/index.ts';

/** What comes from a rogue that has a Transporter's credentials, and what must come through all the same. */
describe('over NATS', () => {
  let server: NatsServer;
  let dispatch: NatsUnderTest;
  let names: DispatchNames;
  let rogue: NatsConnection;
  let stop: AbortController;

  beforeAll(async () => {
    server = await startNats();
  }, 120_000);
  afterAll(() => server.stop());
  beforeEach(async () => {
    dispatch = await openNatsDispatch(server);
    names = dispatchNames(dispatch.installation);
    rogue = await dispatch.connectTransporter('rogue');
    stop = new AbortController();
  });
  afterEach(async () => {
    stop.abort();
    await dispatch.close();
  });

  function takeResults() {
    const taken: { result: TaskResult; senderId: string }[] = [];
    void dispatch.director.results.consume(
      async (result, senderId) => void taken.push({ result, senderId }),
      stop.signal,
    );
    return taken;
  }

  test('results that are none are refused and counted, and the next good one is taken', async () => {
    const taken = takeResults();
    const payload = encodeResultMessage(taskResult({ taskId: 'task-1' }));
    const subject = names.result('rogue', 'task-1');
    const bad: (() => void)[] = [
      () => rogue.publish(subject, randomBytes(200), { headers: messageHeaders('result') }),
      () => rogue.publish(subject, new Uint8Array(800_000), { headers: messageHeaders('result') }),
      () => rogue.publish(subject, payload),
      () => rogue.publish(subject, payload, { headers: messageHeaders('event') }),
      () => rogue.publish(names.result('rogue', 'task-2'), payload, { headers: messageHeaders('result') }),
      () => {
        const newer = headers();
        newer.set('Backhaul-Schema', 'result/2');
        rogue.publish(subject, payload, { headers: newer });
      },
    ];
    for (const send of bad) send();
    const north = await dispatch.transporter('north', 'boot-1');
    await north.results.send(taskResult({ taskId: 'task-3' }), stop.signal);
    await eventually('the good one is taken', () => taken.length > 0);
    await eventually('all others are refused', () => dispatch.director.results.refused === bad.length);
    expect(taken.map(({ result, senderId }) => `${result.taskId} of ${senderId}`)).toEqual(['task-3 of north']);
  });

  test('a result with the fence of another does not keep that one’s from being stored', async () => {
    const taken = takeResults();
    const sent = taskResult({ taskId: 'task-1' });
    const forged = messageHeaders('result');
    forged.set('Nats-Msg-Id', String(sent.fence));
    rogue.publish(names.result('rogue', 'task-1'), encodeResultMessage({ ...sent, outcome: 'failed' }), {
      headers: forged,
    });
    await rogue.flush();
    const north = await dispatch.transporter('north', 'boot-1');
    await north.results.send(sent, stop.signal);
    await eventually('both are taken', () => taken.length === 2);
    expect(taken.map(({ result, senderId }) => `${result.outcome} says ${senderId}`).sort()).toEqual([
      'failed says rogue',
      'succeeded says north',
    ]);
  });

  test('results that were taken are removed from the stream', async () => {
    const taken = takeResults();
    const north = await dispatch.transporter('north', 'boot-1');
    for (let n = 0; n < 5; n += 1) await north.results.send(taskResult({ taskId: `task-${n}` }), stop.signal);
    await eventually('all are taken', () => taken.length === 5);
    const manager = await jetstreamManager(dispatch.directorConnection);
    const stored = async () => (await manager.streams.info(names.streams.results)).state.messages;
    await eventually('none is stored any more', async () => (await stored()) === 0, 15_000);
  });

  test('wants in another’s name and garbage are refused and counted', async () => {
    const heard: Want[] = [];
    void dispatch.director.wants.subscribe((heardWant) => heard.push(heardWant), stop.signal);
    await dispatch.directorConnection.flush();
    const forged = encodeWantMessage(want({ transporterId: 'north', freeSlots: 1_000 }));
    rogue.publish(names.want('rogue'), forged, { headers: messageHeaders('want') });
    rogue.publish(names.want('rogue'), randomBytes(50), { headers: messageHeaders('want') });
    rogue.publish(names.want('rogue'), forged);
    await eventually('all are refused', () => dispatch.director.wants.refused === 3);
    expect(heard).toEqual([]);
  });

  test('loan requests that are none, or ask for the answer elsewhere, get none', async () => {
    const asked: string[] = [];
    void dispatch.director.lending.serve(
      async ({ taskId }) => {
        asked.push(taskId);
        return { granted: true, loan: loan() };
      },
      dispatch.sealingKeyOf,
      stop.signal,
    );
    await dispatch.directorConnection.flush();
    const { lending } = await dispatch.transporter('north', 'boot-1');
    const inbox = names.inbox('rogue');
    rogue.publish(names.lend('rogue'), randomBytes(50), {
      headers: messageHeaders('loan-request'),
      reply: `${inbox}.x`,
    });
    rogue.publish(names.lend('rogue'), '', { headers: messageHeaders('loan-request') });
    rogue.publish(names.lend('rogue'), '', { headers: messageHeaders('loan-request'), reply: names.control('north') });
    rogue.publish(names.lend('rogue'), '', { reply: `${inbox}.x` });
    await eventually('all are refused', () => dispatch.director.lending.refused === 4);
    const answer = await lending.ask({ taskId: 'task-1', fence: 7, boot: 'boot-1', tokenRefused: false }, stop.signal);
    expect(answer.granted).toBe(true);
    expect(asked).toEqual(['task-1']);
  });

  test('garbage in a lease is nobody’s, is seen, and can be overwritten', async () => {
    const key = { laneId: 'lane-1', slot: 0 };
    const seen: LeaseValue[] = [];
    const handlers = { onWrite: (_key: unknown, value: LeaseValue) => seen.push(value), onMarker() {}, onRebuilt() {} };
    void dispatch.director.leases.watch(handlers, stop.signal);
    rogue.publish(names.leaseKey(key), 'garbage');
    const found = await eventually('it is there', () => dispatch.director.leases.read(key));
    expect(found.value).toEqual(FOREIGN_LEASE_VALUE);
    await eventually('it is seen', () => seen.length === 1);
    const mine: LeaseValue = { state: 'reserved', fence: 1, taskId: 'task-1', transporterId: 'north', boot: 'b' };
    expect((await dispatch.director.leases.write(key, mine, found.revision)).written).toBe(true);
  });

  test('an offer that was not signed is refused by the Transporter, the next signed one is taken', async () => {
    const north = await dispatch.transporter('north', 'boot-1');
    await dispatch.director.offers.ensureInbox('north', 'boot-1');
    dispatch.directorConnection.publish(names.task('north', 'boot-1'), randomBytes(100), {
      headers: messageHeaders('task', { signature: randomBytes(64).toString('base64url') }),
    });
    dispatch.directorConnection.publish(names.task('north', 'boot-1'), randomBytes(100));
    const sent = offer();
    await dispatch.director.offers.send(sent, 3);
    const received = await north.offers.next(5_000, stop.signal);
    expect(received?.offer.fence).toBe(sent.fence);
    expect(north.offers.refused).toBe(2);
  });

  test('the trace of the sender goes on in the receiver', async () => {
    const trace = '0af7651916cd43dd8448eb211c80319c';
    const traces: (string | undefined)[] = [];
    void dispatch.director.results.consume(async () => void traces.push(activeTrace()?.traceId), stop.signal);
    const north = await dispatch.transporter('north', 'boot-1');
    await withTraceparent(`00-${trace}-b7ad6b7169203331-01`, () => north.results.send(taskResult(), stop.signal));
    await eventually('the result is taken', () => traces.length === 1);
    expect(traces).toEqual([trace]);
  });
});
