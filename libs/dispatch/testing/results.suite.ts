import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { isFailure, MAX_ISSUES, type TaskResult } from '@backhaul/domain';
import { taskResult } from './builders.ts';
import type { DispatchUnderTest, OpenDispatch } from './dispatch-under-test.ts';
import { eventually } from './eventually.ts';

/** What ResultSender and ResultInbox promise. */
export function resultsSuite(name: string, open: OpenDispatch): void {
  describe(`results ${name}`, () => {
    let dispatch: DispatchUnderTest;
    let stop: AbortController;
    const never = new AbortController().signal;

    beforeEach(async () => {
      dispatch = await open();
      stop = new AbortController();
    });
    afterEach(async () => {
      stop.abort();
      await dispatch.close();
    });

    const consume = (refuseFirst = 0) => {
      const taken: { result: TaskResult; senderId: string }[] = [];
      let toRefuse = refuseFirst;
      const over = dispatch.director.results.consume(async (result, senderId) => {
        if (toRefuse > 0) {
          toRefuse -= 1;
          throw new Error('the database is away');
        }
        taken.push({ result, senderId });
      }, stop.signal);
      return { taken, over };
    };

    test('reach the Director as they were sent, with their sender', async () => {
      const north = await dispatch.transporter('north', 'boot-1');
      const { taken } = consume();
      const sent = taskResult({ outcome: 'yielded', notBeforeMs: 5_000 });
      await north.results.send(sent, never);
      await eventually('the result is taken', () => taken.length === 1);
      expect(taken).toEqual([{ result: sent, senderId: 'north' }]);
    });

    test('wait while no Director is there', async () => {
      const north = await dispatch.transporter('north', 'boot-1');
      const south = await dispatch.transporter('south', 'boot-1');
      await north.results.send(taskResult({ taskId: 'task-1' }), never);
      await south.results.send(taskResult({ taskId: 'task-2' }), never);
      expect(await dispatch.director.results.isDrained()).toBe(false);
      const { taken } = consume();
      await eventually('both are taken', () => taken.length === 2);
      expect(taken.map(({ result, senderId }) => `${result.taskId} of ${senderId}`).sort()).toEqual([
        'task-1 of north',
        'task-2 of south',
      ]);
      await eventually('nothing waits any more', () => dispatch.director.results.isDrained());
    });

    test('are handed on again when they could not be accepted, and count as waiting until then', async () => {
      const north = await dispatch.transporter('north', 'boot-1');
      const { taken } = consume(1);
      await north.results.send(taskResult(), never);
      await dispatch.passTime(0);
      expect(await dispatch.director.results.isDrained()).toBe(false);
      await dispatch.passTime(1_100);
      await eventually('it is taken the second time', () => taken.length === 1);
      await eventually('nothing waits any more', () => dispatch.director.results.isDrained());
    });

    test('that were taken do not come again to the next Director', async () => {
      const north = await dispatch.transporter('north', 'boot-1');
      const first = consume();
      await north.results.send(taskResult({ taskId: 'task-1' }), never);
      await eventually('it is taken', () => first.taken.length === 1);
      await eventually('it is acknowledged', () => dispatch.director.results.isDrained());
      stop.abort();
      await first.over;
      stop = new AbortController();
      const next = consume();
      await north.results.send(taskResult({ taskId: 'task-2' }), never);
      await eventually('the new one is taken', () => next.taken.length === 1);
      expect(next.taken.map(({ result }) => result.taskId)).toEqual(['task-2']);
    });

    test('are stored before sending resolves', async () => {
      const north = await dispatch.transporter('north', 'boot-1');
      expect(await dispatch.director.results.isDrained()).toBe(true);
      await north.results.send(taskResult(), never);
      expect(await dispatch.director.results.isDrained()).toBe(false);
    });

    test('may be sent again without harm', async () => {
      const north = await dispatch.transporter('north', 'boot-1');
      const { taken } = consume();
      const sent = taskResult();
      await north.results.send(sent, never);
      await north.results.send(sent, never);
      await eventually('nothing waits any more', () => taken.length > 0 && dispatch.director.results.isDrained());
      for (const { result } of taken) expect(result).toEqual(sent);
    });

    test('that cannot be said are refused before they are sent', async () => {
      const north = await dispatch.transporter('north', 'boot-1');
      const issue = { itemId: 'i', folderPath: 'f', result: 'skipped' as const, failure: failureOfItem };
      const sending = north.results.send(taskResult({ issues: Array(MAX_ISSUES + 1).fill(issue) }), never);
      const failure: unknown = await sending.catch((error: unknown) => error);
      expect(isFailure(failure, 'invalid-input') && failure.where['field']).toBe('TaskResult.issues');
      expect(await dispatch.director.results.isDrained()).toBe(true);
    });
  });
}

const failureOfItem = { kind: 'unreadable' as const, code: 'x', message: 'x', retry: 'never' as const };
