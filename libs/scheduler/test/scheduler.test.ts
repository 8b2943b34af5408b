import { beforeEach, describe, expect, test } from '@jest/globals';
import { describeWait, Scheduler } from '../src/index.ts';
import { aLane, aTask, aTransporter } from '../testing/index.ts';

const HOUR = 3_600_000;
let scheduler: Scheduler;
beforeEach(() => {
  scheduler = new Scheduler();
});

/** Ids of the tasks that start now, in order. */
const start = (nowMs = 0, max = 100) => scheduler.choose(nowMs, max).map(({ taskId }) => taskId);
const why = (taskId: string, nowMs = 0) => describeWait(scheduler.explain(taskId, nowMs), nowMs);

describe('what starts first', () => {
  test('a higher priority, whatever has waited longer', () => {
    scheduler.laneChanged(aLane('low', { priority: 4 }));
    scheduler.laneChanged(aLane('high', { priority: 2 }));
    scheduler.taskQueued(aTask('old', 'low', { queuedAtMs: 0 }));
    scheduler.taskQueued(aTask('new', 'high', { queuedAtMs: 1000 }));
    scheduler.transporterChanged(aTransporter('x'));
    expect(start(1000)).toEqual(['new', 'old']);
  });

  test('a restore before every backup, even one that has aged for days', () => {
    scheduler.laneChanged(aLane('job', { priority: 1 }));
    scheduler.laneChanged(aLane('restore', { priority: 0, limit: null }));
    scheduler.taskQueued(aTask('backup', 'job', { queuedAtMs: 0 }));
    scheduler.taskQueued(aTask('restored', 'restore', { queuedAtMs: 100 * HOUR }));
    scheduler.transporterChanged(aTransporter('x'));
    expect(start(100 * HOUR)).toEqual(['restored', 'backup']);
  });

  test('waiting raises the priority by a level per hour, never past 1', () => {
    scheduler.laneChanged(aLane('low', { priority: 5 }));
    scheduler.taskQueued(aTask('task', 'low', { queuedAtMs: 0 }));
    const levels = [0, 1, 2, 3, 4, 5, 50].map((hours) => scheduler.effectivePriority('low', hours * HOUR));
    expect(levels).toEqual([5, 4, 3, 2, 1, 1, 1]);
    expect(scheduler.effectivePriority('unheard-of', 0)).toBeNull();
  });

  test('ageing can be switched off', () => {
    scheduler = new Scheduler({ ageingMsPerLevel: 0 });
    scheduler.laneChanged(aLane('low', { priority: 5 }));
    scheduler.taskQueued(aTask('task', 'low'));
    expect(scheduler.effectivePriority('low', 1000 * HOUR)).toBe(5);
  });

  test('of equal priority, the lane that uses the smaller share of its limit: many mailboxes do not starve a few', () => {
    scheduler.laneChanged(aLane('big', { limit: 4 }));
    scheduler.laneChanged(aLane('small', { limit: 2 }));
    for (let i = 0; i < 20; i += 1) scheduler.taskQueued(aTask(`big${i}`, 'big', { queuedAtMs: 0 }));
    for (let i = 0; i < 2; i += 1) scheduler.taskQueued(aTask(`small${i}`, 'small', { queuedAtMs: 500 }));
    scheduler.transporterChanged(aTransporter('x'));
    // Shares in use before each choice: 0:0, ¼:0, ¼:½, ½:½ (longer wait), ¾:½, ¾:1.
    expect(start(500)).toEqual(['big0', 'small0', 'big1', 'big2', 'small1', 'big3']);
  });

  test('of equal share, the one that has waited longest', () => {
    scheduler.laneChanged(aLane('a'));
    scheduler.laneChanged(aLane('b'));
    scheduler.taskQueued(aTask('second', 'a', { queuedAtMs: 20 }));
    scheduler.taskQueued(aTask('first', 'b', { queuedAtMs: 10 }));
    scheduler.transporterChanged(aTransporter('x'));
    expect(start(20)).toEqual(['first', 'second']);
  });

  test('a change of priority counts from the next choice on', () => {
    scheduler.laneChanged(aLane('a', { priority: 2 }));
    scheduler.laneChanged(aLane('b', { priority: 3 }));
    for (const lane of ['a', 'b']) for (const n of [1, 2]) scheduler.taskQueued(aTask(`${lane}${n}`, lane));
    scheduler.transporterChanged(aTransporter('x'));
    expect(start(0, 1)).toEqual(['a1']);
    scheduler.laneChanged(aLane('b', { priority: 1 }));
    expect(start()).toEqual(['b1', 'b2', 'a2']);
  });
});

describe('what never starts', () => {
  beforeEach(() => scheduler.transporterChanged(aTransporter('x')));

  test('more than the limit of a lane; a lowered limit drains, a raised one is used at once', () => {
    scheduler.laneChanged(aLane('job', { limit: 3 }));
    for (let i = 0; i < 9; i += 1) scheduler.taskQueued(aTask(`t${i}`, 'job'));
    expect(start()).toEqual(['t0', 't1', 't2']);
    scheduler.laneChanged(aLane('job', { limit: 2 }));
    scheduler.taskEnded('t0');
    expect(start()).toEqual([]);
    scheduler.taskEnded('t1');
    expect(start()).toEqual(['t3']);
    scheduler.laneChanged(aLane('job', { limit: 4 }));
    expect(start()).toEqual(['t4', 't5']);
  });

  test('two tasks on one object, of whatever lanes', () => {
    scheduler.laneChanged(aLane('a'));
    scheduler.laneChanged(aLane('b'));
    scheduler.taskQueued(aTask('one', 'a', { objectKey: 'mailbox' }));
    scheduler.taskQueued(aTask('other', 'b', { objectKey: 'mailbox' }));
    expect(start()).toEqual(['one']);
    scheduler.taskEnded('one');
    expect(start()).toEqual(['other']);
  });

  test('a task before its time; the time of the next one is known', () => {
    scheduler.laneChanged(aLane('job'));
    scheduler.taskQueued(aTask('later', 'job', { notBeforeMs: 200 }));
    scheduler.taskQueued(aTask('latest', 'job', { notBeforeMs: 300 }));
    expect(scheduler.nextDueMs()).toBe(200);
    expect(start(199)).toEqual([]);
    expect(start(200)).toEqual(['later']);
    expect(scheduler.nextDueMs()).toBe(300);
    expect(start(300)).toEqual(['latest']);
    expect(scheduler.nextDueMs()).toBeNull();
  });

  test('anything of a paused lane, or of one that is not known', () => {
    scheduler.laneChanged(aLane('paused', { paused: true }));
    scheduler.taskQueued(aTask('a', 'paused'));
    scheduler.taskQueued(aTask('b', 'not-known-yet'));
    expect(start()).toEqual([]);
    scheduler.laneChanged(aLane('not-known-yet'));
    scheduler.laneChanged(aLane('paused'));
    expect(start().sort()).toEqual(['a', 'b']);
  });

  test('what was cancelled, or whose lane has ended', () => {
    scheduler.laneChanged(aLane('job'));
    scheduler.laneChanged(aLane('ended'));
    scheduler.taskQueued(aTask('cancelled', 'job'));
    scheduler.taskQueued(aTask('kept', 'job'));
    scheduler.taskQueued(aTask('gone', 'ended'));
    scheduler.taskRemoved('cancelled');
    scheduler.laneRemoved('ended');
    expect(start()).toEqual(['kept']);
  });

  test('a task twice: an old list that still has it changes nothing', () => {
    scheduler.laneChanged(aLane('job'));
    scheduler.taskQueued(aTask('task', 'job'));
    expect(start()).toEqual(['task']);
    scheduler.taskQueued(aTask('task', 'job'));
    expect(start()).toEqual([]);
    scheduler.taskEnded('task');
    scheduler.taskQueued(aTask('task', 'job'));
    expect(start()).toEqual(['task']);
  });
});

describe('where it starts', () => {
  beforeEach(() => scheduler.laneChanged(aLane('job', { limit: null })));
  const queue = (count: number) => {
    for (let i = 0; i < count; i += 1) scheduler.taskQueued(aTask(`t${i}`, 'job'));
  };
  const places = () => scheduler.choose(0, 100).map(({ transporterId }) => transporterId);

  test('on the least loaded Transporter, relative to its capacity', () => {
    scheduler.transporterChanged(aTransporter('large', { capacity: 4 }));
    scheduler.transporterChanged(aTransporter('small', { capacity: 2 }));
    queue(6);
    expect(places()).toEqual(['large', 'small', 'large', 'large', 'small', 'large']);
  });

  test('never where there is no free slot, by its own account or by ours', () => {
    scheduler.transporterChanged(aTransporter('busy', { capacity: 5, freeSlots: 1 }));
    queue(5);
    expect(places()).toEqual(['busy']);
    // Its next account crosses our grant on the way; what we know to run on it still counts.
    scheduler.transporterChanged(aTransporter('busy', { capacity: 2, freeSlots: 2 }));
    expect(places()).toEqual(['busy']);
  });

  test('only where its repository is reached, and not where it was refused', () => {
    scheduler.transporterChanged(aTransporter('other-site', { repositories: ['elsewhere'] }));
    scheduler.transporterChanged(aTransporter('refuses'));
    queue(1);
    scheduler.taskQueued(aTask('t0', 'job', { excludedTransporters: ['refuses'] }));
    expect(places()).toEqual([]);
    scheduler.transporterChanged(aTransporter('right', { repositories: ['repository'] }));
    expect(places()).toEqual(['right']);
  });

  test('only in its pool, where it asks for one', () => {
    scheduler.transporterChanged(aTransporter('x'));
    scheduler.taskQueued(aTask('task', 'job', { pool: 'berlin' }));
    expect(places()).toEqual([]);
    scheduler.transporterChanged(aTransporter('y', { pools: ['berlin', 'paris'] }));
    expect(places()).toEqual(['y']);
  });

  test('not where work drains or nobody is any more', () => {
    scheduler.transporterChanged(aTransporter('draining', { draining: true }));
    scheduler.transporterChanged(aTransporter('gone'));
    scheduler.transporterGone('gone');
    queue(1);
    expect(places()).toEqual([]);
  });

  test('tasks found running at the start count for lane, object and Transporter', () => {
    scheduler.laneChanged(aLane('job', { limit: 2 }));
    scheduler.taskStarted({ taskId: 'found', laneId: 'job', objectKey: 'object-of-t0', transporterId: 'x' });
    scheduler.transporterChanged(aTransporter('x', { capacity: 2 }));
    queue(3);
    expect(start()).toEqual(['t1']);
    expect(scheduler.laneCounts('job')).toEqual({ queued: 2, running: 2 });
  });

  test('what ran on a Transporter that is gone still counts until it has ended', () => {
    scheduler.laneChanged(aLane('job', { limit: 1 }));
    scheduler.transporterChanged(aTransporter('x'));
    queue(2);
    expect(start()).toEqual(['t0']);
    scheduler.transporterGone('x');
    scheduler.transporterChanged(aTransporter('y'));
    expect(start()).toEqual([]);
    scheduler.taskEnded('t0');
    expect(start()).toEqual(['t1']);
  });

  test('a choice that did not come about leaves everything as it was', () => {
    scheduler.transporterChanged(aTransporter('x', { capacity: 1 }));
    queue(2);
    expect(start()).toEqual(['t0']);
    scheduler.putBack('t0');
    expect(scheduler.laneCounts('job')).toEqual({ queued: 2, running: 0 });
    expect(start()).toEqual(['t0']);
  });
});

describe('a task that needs a Transporter for itself', () => {
  beforeEach(() => {
    scheduler.laneChanged(aLane('job', { limit: null }));
    scheduler.laneChanged(aLane('other', { limit: null, priority: 4 }));
  });

  test('starts on an idle one, which then takes nothing else', () => {
    scheduler.transporterChanged(aTransporter('x'));
    scheduler.taskQueued(aTask('poison', 'job', { alone: true }));
    scheduler.taskQueued(aTask('plain', 'job', { queuedAtMs: 1 }));
    expect(start(1)).toEqual(['poison']);
    scheduler.taskEnded('poison');
    scheduler.transporterChanged(aTransporter('x'));
    expect(start(1)).toEqual(['plain']);
  });

  test('keeps one clear for it when all are busy, so that it does not wait for ever', () => {
    scheduler.transporterChanged(aTransporter('x', { capacity: 3 }));
    for (let i = 0; i < 9; i += 1) scheduler.taskQueued(aTask(`t${i}`, 'other'));
    expect(start(0, 2)).toEqual(['t0', 't1']);
    scheduler.taskQueued(aTask('poison', 'job', { alone: true }));
    expect(start()).toEqual([]);
    scheduler.taskEnded('t0');
    expect(start()).toEqual([]);
    scheduler.taskEnded('t1');
    scheduler.transporterChanged(aTransporter('x', { capacity: 3 }));
    expect(start()).toEqual(['poison']);
  });

  test('does not hold up what has a better priority', () => {
    scheduler.transporterChanged(aTransporter('x', { capacity: 3 }));
    scheduler.taskQueued(aTask('t0', 'job'));
    expect(start()).toEqual(['t0']);
    scheduler.taskQueued(aTask('poison', 'other', { alone: true }));
    scheduler.taskQueued(aTask('t1', 'job'));
    expect(start()).toEqual(['t1']);
  });
});

describe('a restore of an object on which a backup runs', () => {
  beforeEach(() => {
    scheduler.laneChanged(aLane('job'));
    scheduler.laneChanged(aLane('restore', { priority: 0, limit: 1 }));
    scheduler.transporterChanged(aTransporter('x'));
    scheduler.taskQueued(aTask('backup', 'job', { objectKey: 'mailbox' }));
    start();
  });

  test('makes the backup yield', () => {
    expect(scheduler.shouldYield(0)).toEqual([]);
    scheduler.taskQueued(aTask('restored', 'restore', { objectKey: 'mailbox' }));
    expect(scheduler.shouldYield(0)).toEqual(['backup']);
    scheduler.taskEnded('backup');
    scheduler.taskQueued(aTask('backup', 'job', { objectKey: 'mailbox' }));
    expect(start()).toEqual(['restored']);
    expect(scheduler.shouldYield(0)).toEqual([]);
  });

  test('makes nobody yield as long as it could not start itself', () => {
    scheduler.taskQueued(aTask('restored', 'restore', { objectKey: 'mailbox', notBeforeMs: 50 }));
    expect(scheduler.shouldYield(49)).toEqual([]);
    expect(scheduler.shouldYield(50)).toEqual(['backup']);
    scheduler.laneChanged(aLane('restore', { priority: 0, limit: 1, paused: true }));
    expect(scheduler.shouldYield(50)).toEqual([]);
  });

  test('a waiting backup makes nobody yield', () => {
    scheduler.taskQueued(aTask('second', 'job', { objectKey: 'mailbox' }));
    expect(scheduler.shouldYield(0)).toEqual([]);
  });
});

describe('why a task waits', () => {
  test('is said for every reason', () => {
    expect(why('t0')).toBe('not queued');
    scheduler.taskQueued(aTask('t0', 'job'));
    expect(why('t0')).toBe('its job or restore is not known yet');
    scheduler.laneChanged(aLane('job', { paused: true }));
    expect(why('t0')).toBe('paused');
    scheduler.laneChanged(aLane('job'));
    expect(why('t0')).toBe('no Transporter is connected');
    scheduler.transporterChanged(aTransporter('x', { draining: true }));
    scheduler.transporterChanged(aTransporter('y', { repositories: [] }));
    expect(why('t0')).toBe('no Transporter can take it: 1 drains, 1 does not reach the repository');
    scheduler.transporterChanged(aTransporter('z', { freeSlots: 0 }));
    expect(why('t0')).toBe('no Transporter has a free slot');
    scheduler.transporterChanged(aTransporter('z'));
    expect(why('t0')).toBe('starts next');
    expect(start()).toEqual(['t0']);
    expect(why('t0')).toBe('running on Transporter z');
    scheduler.taskQueued(aTask('same', 'job', { objectKey: 'object-of-t0' }));
    expect(why('same')).toBe('another task works on the same object');
    scheduler.taskQueued(aTask('timed', 'job', { notBeforeMs: 90_000 }));
    expect(why('timed', 30_000)).toBe('waits 60 s before it may start');
    scheduler.taskQueued(aTask('poison', 'job', { alone: true }));
    expect(why('poison')).toBe('waits for a Transporter for itself');
  });

  test('a full lane tells its figures, and that it drains', () => {
    scheduler.laneChanged(aLane('job', { limit: 5 }));
    scheduler.transporterChanged(aTransporter('x'));
    for (let i = 0; i < 6; i += 1) scheduler.taskQueued(aTask(`t${i}`, 'job'));
    start();
    expect(why('t5')).toBe('5 running, limit 5');
    scheduler.laneChanged(aLane('job', { limit: 2 }));
    expect(why('t5')).toBe('5 running, limit 2, draining');
  });

  test('others go first, in the same lane or by priority; asking changes nothing', () => {
    scheduler.laneChanged(aLane('job', { priority: 4 }));
    scheduler.laneChanged(aLane('urgent', { priority: 2 }));
    scheduler.transporterChanged(aTransporter('x'));
    scheduler.taskQueued(aTask('first', 'job'));
    scheduler.taskQueued(aTask('second', 'job', { queuedAtMs: 1 }));
    expect(why('second', 1)).toBe('others of the same job or restore have waited longer');
    scheduler.taskQueued(aTask('now', 'urgent', { queuedAtMs: 1 }));
    expect(why('first', 1)).toBe('lower priority (4) than other work that waits (2)');
    scheduler.laneChanged(aLane('urgent', { priority: 4, limit: 1 }));
    scheduler.taskQueued(aTask('now', 'urgent', { queuedAtMs: -1 }));
    expect(why('first', 1)).toBe('other work of the same priority is to start first');
    expect(start(1)).toEqual(['now', 'first', 'second']);
  });
});
