import { describe, expect, test } from '@jest/globals';
import type { FailureRecord } from '@backhaul/domain';
import {
  afterAttempt,
  MAX_FAILURES,
  MAX_LOSSES,
  type Ending,
  type TaskMemory,
} from '../../src/results/after-attempt.ts';

const fresh: TaskMemory = { failures: 0, losses: 0, cancelRequested: false };
const toBeCancelled: TaskMemory = { ...fresh, cancelRequested: true };

const failure = (retry: FailureRecord['retry']): FailureRecord => ({
  kind: 'unavailable',
  code: 'graph.unavailable',
  message: 'Microsoft Graph is failing.',
  retry,
});

describe('After an attempt', () => {
  test.each<[string, TaskMemory, Ending, object]>([
    ['success ends the task', fresh, { outcome: 'succeeded' }, { state: 'succeeded' }],
    ['a warning ends the task', fresh, { outcome: 'warning' }, { state: 'warning' }],
    [
      'work that is done stays done, although it was to be cancelled',
      toBeCancelled,
      { outcome: 'succeeded' },
      { state: 'succeeded' },
    ],
    [
      'a failure that no retry helps ends the task',
      fresh,
      { outcome: 'failed', failure: failure('never') },
      { state: 'failed', failures: 1, failure: failure('never') },
    ],
    [
      'a failure without a reason ends the task',
      fresh,
      { outcome: 'failed' },
      { state: 'failed', failure: { code: 'task.unexplained-failure' } },
    ],
    [
      'a passing failure comes again after 30 s',
      fresh,
      { outcome: 'failed', failure: failure('later') },
      { state: 'queued', failures: 1, notBeforeMs: 30_000, cause: failure('later') },
    ],
    [
      'the pause doubles',
      { ...fresh, failures: 2 },
      { outcome: 'failed', failure: failure('later') },
      { state: 'queued', failures: 3, notBeforeMs: 120_000 },
    ],
    [
      'a failure to be repeated at once waits little',
      fresh,
      { outcome: 'failed', failure: failure('now') },
      { state: 'queued', notBeforeMs: 2_000 },
    ],
    [
      'a longer pause that the Transporter asks for is kept',
      fresh,
      { outcome: 'failed', failure: failure('later'), notBeforeMs: 90_000 },
      { state: 'queued', notBeforeMs: 90_000 },
    ],
    [
      'the fifth failure is the last',
      { ...fresh, failures: MAX_FAILURES - 1 },
      { outcome: 'failed', failure: failure('later') },
      { state: 'failed', failures: MAX_FAILURES },
    ],
    [
      'a failed task that was to be cancelled is cancelled',
      toBeCancelled,
      { outcome: 'failed', failure: failure('later') },
      { state: 'cancelled' },
    ],
    [
      'a lost task comes again at once',
      fresh,
      { outcome: 'lost' },
      { state: 'queued', losses: 1, failures: 0, notBeforeMs: 0 },
    ],
    [
      'the fifth loss is the last',
      { ...fresh, losses: MAX_LOSSES - 1 },
      { outcome: 'lost' },
      { state: 'failed', losses: MAX_LOSSES, failure: { code: 'task.lost-too-often' } },
    ],
    [
      'a cancelled task whose holder is lost is cancelled, not queued',
      toBeCancelled,
      { outcome: 'lost' },
      { state: 'cancelled' },
    ],
    [
      'a yielded task comes again when it asked to, at no cost',
      { ...fresh, failures: 2, losses: 1 },
      { outcome: 'yielded', notBeforeMs: 45_000 },
      { state: 'queued', failures: 2, losses: 1, notBeforeMs: 45_000 },
    ],
    [
      'a yielded task that was to be cancelled is cancelled',
      toBeCancelled,
      { outcome: 'yielded' },
      { state: 'cancelled' },
    ],
    [
      'a refused task comes again after a second, at no cost',
      fresh,
      { outcome: 'refused' },
      { state: 'queued', failures: 0, losses: 0, notBeforeMs: 1_000 },
    ],
    [
      'a refused task that was to be cancelled is cancelled',
      toBeCancelled,
      { outcome: 'refused' },
      { state: 'cancelled' },
    ],
    ['a task that was asked to stop is cancelled', toBeCancelled, { outcome: 'cancelled' }, { state: 'cancelled' }],
    ['a task that stopped unasked comes again', fresh, { outcome: 'cancelled' }, { state: 'queued' }],
  ])('%s', (_sentence, task, ending, expected) => {
    expect(afterAttempt(task, ending)).toMatchObject(expected);
  });
});
