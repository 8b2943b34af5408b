import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { TaskProgress } from '@backhaul/domain';
import type { Control, Want } from '../src/index.ts';
import { taskProgress, want } from './builders.ts';
import type { DispatchUnderTest, OpenDispatch } from './dispatch-under-test.ts';
import { eventually } from './eventually.ts';

/** What the ports of progress, wants and control promise: all of it may be lost, none of it mixed up. */
export function hintsSuite(name: string, open: OpenDispatch): void {
  describe(`hints ${name}`, () => {
    let dispatch: DispatchUnderTest;
    let stop: AbortController;

    beforeEach(async () => {
      dispatch = await open();
      stop = new AbortController();
    });
    afterEach(async () => {
      stop.abort();
      await dispatch.close();
    });

    test('progress reaches the Director with its sender, also what came while it was away', async () => {
      const north = await dispatch.transporter('north', 'boot-1');
      north.progress.send(taskProgress({ taskId: 'task-1', phase: 'listing' }));
      const taken: { progress: TaskProgress; senderId: string }[] = [];
      void dispatch.director.progress.consume(async (progress, senderId) => {
        taken.push({ progress, senderId });
      }, stop.signal);
      await eventually('the progress is taken', () => taken.length === 1);
      expect(taken).toEqual([{ progress: taskProgress({ taskId: 'task-1', phase: 'listing' }), senderId: 'north' }]);
    });

    test('progress of a task is sent at once, then the newest every two seconds', async () => {
      const north = await dispatch.transporter('north', 'boot-1');
      const taken: string[] = [];
      void dispatch.director.progress.consume(async ({ taskId, itemsExpected }) => {
        taken.push(`${taskId} ${itemsExpected}`);
      }, stop.signal);
      for (const itemsExpected of [1, 2, 3]) north.progress.send(taskProgress({ taskId: 'task-1', itemsExpected }));
      north.progress.send(taskProgress({ taskId: 'task-2', itemsExpected: 7 }));
      await eventually('the first of each task', () => taken.length === 2);
      await dispatch.passTime(2_100);
      await eventually('the newest of the first task', () => taken.length === 3);
      expect(taken).toEqual(['task-1 1', 'task-2 7', 'task-1 3']);
    });

    test('progress that the Director cannot use is skipped, and the next is taken', async () => {
      const north = await dispatch.transporter('north', 'boot-1');
      const taken: string[] = [];
      void dispatch.director.progress.consume(async ({ taskId }) => {
        if (taskId === 'task-1') throw new Error('no such task');
        taken.push(taskId);
      }, stop.signal);
      north.progress.send(taskProgress({ taskId: 'task-1' }));
      north.progress.send(taskProgress({ taskId: 'task-2' }));
      await eventually('the other is taken', () => taken.length === 1);
      expect(taken).toEqual(['task-2']);
    });

    test('wants reach the Director from every Transporter', async () => {
      const [north, south] = [await dispatch.transporter('north', 'b'), await dispatch.transporter('south', 'b')];
      const heard: Want[] = [];
      void dispatch.director.wants.subscribe((heardWant) => heard.push(heardWant), stop.signal);
      const sent = [
        want({ transporterId: 'north', repositories: ['repository-1'], running: [{ taskId: 'task-1', fence: 7 }] }),
        want({ transporterId: 'south', freeSlots: 0 }),
      ];
      // Not stored: repeated until the Director listens, as Transporters do.
      await eventually('both are heard', () => {
        north.wants.send(sent[0]!);
        south.wants.send(sent[1]!);
        return new Set(heard.map(({ transporterId }) => transporterId)).size === 2;
      });
      for (const heardWant of heard) expect(sent).toContainEqual(heardWant);
    });

    test('controls reach the Transporter they are for, and no other', async () => {
      const [north, south] = [await dispatch.transporter('north', 'b'), await dispatch.transporter('south', 'b')];
      const heard = { north: [] as Control[], south: [] as Control[] };
      void north.control.subscribe((control) => heard.north.push(control), stop.signal);
      void south.control.subscribe((control) => heard.south.push(control), stop.signal);
      const cancel: Control = { type: 'cancel', taskId: 'task-1', fence: 7 };
      const yieldTask: Control = { type: 'yield', taskId: 'task-2', fence: 8, reason: 'a restore waits' };
      await eventually('both have heard', () => {
        dispatch.director.control.send('north', cancel);
        dispatch.director.control.send('south', yieldTask);
        return heard.north.length > 0 && heard.south.length > 0;
      });
      expect(heard.north).toContainEqual(cancel);
      expect(heard.north).not.toContainEqual(yieldTask);
      expect(heard.south).toContainEqual(yieldTask);
      expect(heard.south).not.toContainEqual(cancel);
    });

    test('listening ends when it is told to', async () => {
      const north = await dispatch.transporter('north', 'b');
      const over = [
        dispatch.director.wants.subscribe(() => undefined, stop.signal),
        north.control.subscribe(() => undefined, stop.signal),
        dispatch.director.progress.consume(async () => undefined, stop.signal),
      ];
      stop.abort();
      await Promise.all(over);
    });
  });
}
