import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '@backhaul/domain/testing';
import { Scheduling } from '../../src/grants/scheduling.ts';

const lane = { laneId: 'lane', kind: 'job', priority: 3, limit: 3, paused: false } as const;

function scheduling(slots = 2) {
  const made = new Scheduling(new FakeClock(), 0);
  made.laneChanged(lane);
  made.transporterAvailable({ transporterId: 't', boot: 'b', slots, repositories: 'any' });
  return made;
}

function queue(made: Scheduling, taskId: string, more: { losses?: number; pauseMs?: number } = {}) {
  const { losses = 0, pauseMs = 0 } = more;
  made.queued({ taskId, laneId: 'lane', exclusiveKey: taskId, repositoryId: 'r', waitedMs: 0, pauseMs, losses });
}

describe('scheduling', () => {
  test('gives a slot again and again, although the Transporter describes itself only once', () => {
    const made = scheduling(1);
    for (let round = 0; round < 5; round += 1) {
      queue(made, `task-${round}`);
      expect(made.choose(10).map(({ taskId }) => taskId)).toEqual([`task-${round}`]);
      made.ended(`task-${round}`);
    }
  });

  test('counts a choice as running until it has ended', () => {
    const made = scheduling(1);
    queue(made, 'first');
    queue(made, 'second');
    expect(made.choose(10)).toHaveLength(1);
    expect(made.choose(10)).toEqual([]);
    expect(made.openTasks('lane')).toBe(2);
    expect(made.explain('second')?.code).toBe('no-transporter');
  });

  test('does not take a row for news that was read before its grant', () => {
    const made = scheduling();
    queue(made, 'task');
    made.choose(1);
    queue(made, 'task');
    expect(made.choose(1)).toEqual([]);
  });

  test('forgets what the database no longer has waiting, but not what was queued since it was read', () => {
    const made = scheduling(0);
    queue(made, 'gone');
    const asOf = made.now();
    queue(made, 'new');
    made.forgetOthers(null, new Set(), asOf);
    expect(made.openTasks('lane')).toBe(1);
    expect(made.explain('gone')).toBeNull();
  });

  test('leaves a task in back-off alone and says so', () => {
    const made = scheduling();
    queue(made, 'task', { pauseMs: 5_000 });
    expect(made.choose(1)).toEqual([]);
    expect(made.explain('task')).toEqual({ code: 'not-before', message: 'waits 5 s before it may start' });
  });

  test('gives a task that was lost three times a Transporter for itself', () => {
    const made = scheduling(2);
    queue(made, 'other');
    made.choose(1);
    queue(made, 'poison', { losses: 3 });
    expect(made.choose(1)).toEqual([]);
    made.ended('other');
    expect(made.choose(1).map(({ taskId }) => taskId)).toEqual(['poison']);
  });

  test('does not count what runs on an earlier process start of a Transporter against its present one', () => {
    const made = scheduling(1);
    queue(made, 'old');
    made.choose(1);
    made.transporterGone({ transporterId: 't', boot: 'b' });
    made.transporterAvailable({ transporterId: 't', boot: 'b2', slots: 1, repositories: 'any' });
    queue(made, 'new');
    expect(made.choose(1)).toMatchObject([{ taskId: 'new', boot: 'b2' }]);
  });
});
