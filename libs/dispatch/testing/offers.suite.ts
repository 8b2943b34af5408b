import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { newFence, offer } from './builders.ts';
import type { DispatchUnderTest, OpenDispatch } from './dispatch-under-test.ts';
import { eventually } from './eventually.ts';

/** What OfferSender and OfferInbox promise. */
export function offersSuite(name: string, open: OpenDispatch): void {
  describe(`offers ${name}`, () => {
    let dispatch: DispatchUnderTest;
    const never = new AbortController().signal;

    beforeEach(async () => {
      dispatch = await open();
    });
    afterEach(() => dispatch.close());

    test('reach the Transporter as they were sent, with the trace of the grant', async () => {
      const north = await dispatch.transporter('north', 'boot-1');
      await dispatch.director.offers.ensureInbox('north', 'boot-1');
      const sent = offer({ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });
      await dispatch.director.offers.send(sent, 3);
      expect((await north.offers.next(5_000, never))?.offer).toEqual(sent);
    });

    test('tell when they were received', async () => {
      const north = await dispatch.transporter('north', 'boot-1');
      await dispatch.director.offers.ensureInbox('north', 'boot-1');
      const beforeMs = dispatch.clock.monotonicMs();
      await dispatch.director.offers.send(offer(), 3);
      const received = await north.offers.next(5_000, never);
      expect(received?.receivedAtMs).toBeGreaterThanOrEqual(beforeMs);
      expect(received?.receivedAtMs).toBeLessThanOrEqual(dispatch.clock.monotonicMs());
    });

    test('wake a Transporter that waits already', async () => {
      const north = await dispatch.transporter('north', 'boot-1');
      await dispatch.director.offers.ensureInbox('north', 'boot-1');
      const waiting = north.offers.next(5_000, never);
      const sent = offer();
      await dispatch.director.offers.send(sent, 3);
      expect((await waiting)?.offer.fence).toBe(sent.fence);
    });

    test('are taken once', async () => {
      const north = await dispatch.transporter('north', 'boot-1');
      await dispatch.director.offers.ensureInbox('north', 'boot-1');
      await dispatch.director.offers.send(offer(), 3);
      expect(await north.offers.next(5_000, never)).not.toBeNull();
      const second = north.offers.next(300, never);
      await dispatch.passTime(300);
      expect(await second).toBeNull();
    });

    test('arrive once however often a fence is sent', async () => {
      const north = await dispatch.transporter('north', 'boot-1');
      await dispatch.director.offers.ensureInbox('north', 'boot-1');
      const twice = offer();
      await dispatch.director.offers.send(twice, 3);
      await dispatch.director.offers.send(twice, 3);
      const last = offer();
      await dispatch.director.offers.send(last, 3);
      const fences = [await north.offers.next(5_000, never), await north.offers.next(5_000, never)];
      expect(fences.map((received) => received?.offer.fence)).toEqual([twice.fence, last.fence]);
    });

    test('made to a former process start are never seen by the present one', async () => {
      await dispatch.director.offers.ensureInbox('north', 'boot-1');
      await dispatch.director.offers.send(offer({ boot: 'boot-1' }), 3);
      const restarted = await dispatch.transporter('north', 'boot-2');
      await dispatch.director.offers.ensureInbox('north', 'boot-2');
      const sent = offer({ boot: 'boot-2' });
      await dispatch.director.offers.send(sent, 3);
      expect((await restarted.offers.next(5_000, never))?.offer.fence).toBe(sent.fence);
    });

    test('are not taken away by another process with the same id', async () => {
      const twin = await dispatch.transporter('north', 'boot-2');
      const north = await dispatch.transporter('north', 'boot-1');
      await dispatch.director.offers.ensureInbox('north', 'boot-1');
      const stop = new AbortController();
      const taken = twin.offers.next(60_000, stop.signal);
      const sent = [offer(), offer(), offer(), offer(), offer(), offer()];
      for (const one of sent) await dispatch.director.offers.send(one, 3);
      const received = [];
      for (const _ of sent) received.push((await north.offers.next(5_000, never))?.offer.fence);
      expect(new Set(received)).toEqual(new Set(sent.map(({ fence }) => fence)));
      stop.abort(new Error('the twin took nothing'));
      await expect(taken).rejects.toThrow('the twin took nothing');
      expect(twin.offers.refused).toBe(0);
    });

    test('go to their own Transporter only', async () => {
      const north = await dispatch.transporter('north', 'boot-1');
      const south = await dispatch.transporter('south', 'boot-9');
      await dispatch.director.offers.ensureInbox('north', 'boot-1');
      await dispatch.director.offers.ensureInbox('south', 'boot-9');
      const toSouth = offer({ transporterId: 'south', boot: 'boot-9', fence: newFence() });
      const toNorth = offer();
      await dispatch.director.offers.send(toSouth, 3);
      await dispatch.director.offers.send(toNorth, 3);
      expect((await north.offers.next(5_000, never))?.offer.fence).toBe(toNorth.fence);
      expect((await south.offers.next(5_000, never))?.offer.fence).toBe(toSouth.fence);
    });

    test('can be waited for before the Director has made the inbox', async () => {
      const north = await dispatch.transporter('north', 'boot-1');
      const waiting = north.offers.next(5_000, never);
      await dispatch.passTime(300);
      await dispatch.director.offers.ensureInbox('north', 'boot-1');
      const sent = offer();
      await dispatch.director.offers.send(sent, 3);
      await dispatch.passTime(300);
      expect((await waiting)?.offer.fence).toBe(sent.fence);
    });

    test('are waited for until the time is over or the wait is ended', async () => {
      const north = await dispatch.transporter('north', 'boot-1');
      await dispatch.director.offers.ensureInbox('north', 'boot-1');
      const waiting = north.offers.next(300, never);
      await dispatch.passTime(300);
      expect(await waiting).toBeNull();

      const stop = new AbortController();
      const ended = north.offers.next(60_000, stop.signal);
      stop.abort(new Error('drained'));
      await expect(ended).rejects.toThrow('drained');
    });

    test('do not disturb an inbox that is made again', async () => {
      const north = await dispatch.transporter('north', 'boot-1');
      await dispatch.director.offers.ensureInbox('north', 'boot-1');
      const sent = offer();
      await dispatch.director.offers.send(sent, 3);
      await dispatch.director.offers.ensureInbox('north', 'boot-1');
      const received = await eventually('the offer is still there', () => north.offers.next(1_000, never));
      expect(received.offer.fence).toBe(sent.fence);
    });
  });
}
