import { describe, expect, test } from '@jest/globals';
import { isFailure } from '@backhaul/domain';
import { dispatchNames } from '../src/index.ts';

const names = dispatchNames('main');

describe('names', () => {
  test('stand under the installation', () => {
    expect({
      task: names.task('north', 'boot-1'),
      lease: names.leaseKey({ laneId: 'lane-1', slot: 12 }),
      marker: names.leaseMarker(),
      result: names.result('north', 'task-1'),
      event: names.event('north', 'task-1'),
      want: names.want('north'),
      control: names.control('north'),
      lend: names.lend('north'),
      inbox: names.inbox('north'),
      streams: names.streams,
    }).toEqual({
      task: 'bh.main.task.north.boot-1',
      lease: 'bh.main.lease.lane-1.12',
      marker: 'bh.main.marker',
      result: 'bh.main.result.north.task-1',
      event: 'bh.main.event.north.task-1',
      want: 'bh.main.want.north',
      control: 'bh.main.control.north',
      lend: 'bh.main.lend.north',
      inbox: 'bh.main.inbox.north',
      streams: {
        tasks: 'bh_main_TASKS',
        leases: 'bh_main_LEASES',
        results: 'bh_main_RESULTS',
        events: 'bh_main_EVENTS',
      },
    });
  });

  test.each(['', '*', '>', 'a.b', 'a b', 'a\nb', 'ä', 'x'.repeat(129)])('refuse the id %j everywhere', (bad) => {
    const builders: (() => unknown)[] = [
      () => dispatchNames(bad),
      () => names.task(bad, 'boot-1'),
      () => names.task('north', bad),
      () => names.taskConsumer(bad),
      () => names.leaseKey({ laneId: bad, slot: 0 }),
      () => names.result(bad, 'task-1'),
      () => names.result('north', bad),
      () => names.event(bad, 'task-1'),
      () => names.event('north', bad),
      () => names.want(bad),
      () => names.control(bad),
      () => names.lend(bad),
      () => names.inbox(bad),
    ];
    for (const build of builders) expect(codeOf(build)).toBe('dispatch.invalid-id');
  });

  test.each([-1, 0.5, NaN, 100_000])('refuse slot %d', (slot) => {
    expect(codeOf(() => names.leaseKey({ laneId: 'lane-1', slot }))).toBe('dispatch.invalid-slot');
  });

  test('are read back', () => {
    expect(names.parseLeaseKey(names.leaseKey({ laneId: 'lane-1', slot: 12 }))).toEqual({ laneId: 'lane-1', slot: 12 });
    expect(names.parseSender(names.result('north', 'task-1'))).toEqual({ transporterId: 'north', taskId: 'task-1' });
    expect(names.parseSender(names.event('north', 'task-1'))).toEqual({ transporterId: 'north', taskId: 'task-1' });
    expect(names.parseTransporter(names.want('north'))).toBe('north');
    expect(names.parseTransporter(names.lend('north'))).toBe('north');
  });

  test.each([
    names.leaseMarker(),
    'bh.main.lease.lane-1',
    'bh.main.lease.lane-1.x',
    'bh.main.lease.lane-1.01',
    'bh.main.lease.lane-1.1.2',
    'bh.other.lease.lane-1.1',
    'bh.main.result.north.task-1.more',
    'bh.main.control.north',
    'lease.lane-1.1',
    '',
  ])('do not read %j for anything', (subject) => {
    expect([names.parseLeaseKey(subject), names.parseSender(subject), names.parseTransporter(subject)]).toEqual([
      null,
      null,
      null,
    ]);
  });
});

function codeOf(action: () => unknown): string | null {
  try {
    action();
    return null;
  } catch (error) {
    return isFailure(error, 'invalid-input') ? error.code : 'crash';
  }
}
