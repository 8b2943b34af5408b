import { describe, expect, test } from '@jest/globals';
import { Failure, MAX_ISSUES, noCounts, type FailureKind, type ItemIssue } from '@backhaul/domain';
import { resultOfError, resultOfWork } from '../../src/work/task-result.ts';

const attempt = { taskId: 'task-1', fence: 7 };

function failure(kind: FailureKind, retryAfterMs?: number): Failure {
  return new Failure(kind, {
    code: `test.${kind}`,
    message: 'It failed.',
    retry: 'never',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

describe('the result of an error', () => {
  test.each<FailureKind>(['lease-lost', 'stale'])('is none when the attempt no longer counts (%s)', (kind) => {
    expect(resultOfError(attempt, failure(kind))).toBeNull();
  });

  test('is "yielded" when Microsoft asks for a longer pause, with the pause it asked for', () => {
    expect(resultOfError(attempt, failure('throttled', 90_000))).toMatchObject({
      outcome: 'yielded',
      notBeforeMs: 90_000,
    });
  });

  test('is "cancelled" when the task was asked to stop', () => {
    expect(resultOfError(attempt, failure('cancelled'))).toMatchObject({ outcome: 'cancelled' });
  });

  test('is "failed" with kind, code and advice for everything else', () => {
    expect(resultOfError(attempt, failure('no-space'))).toMatchObject({
      ...attempt,
      outcome: 'failed',
      failure: { kind: 'no-space', code: 'test.no-space', retry: 'never' },
    });
  });

  test('is "failed" as internal for a programming mistake', () => {
    expect(resultOfError(attempt, new TypeError('x is undefined'))).toMatchObject({
      outcome: 'failed',
      failure: { kind: 'internal' },
    });
  });
});

describe('the result of work', () => {
  const issue: ItemIssue = {
    itemId: 'm',
    folderPath: 'Inbox',
    result: 'skipped',
    failure: { kind: 'unreadable', code: 'graph.corrupt', message: 'Corrupt.', retry: 'never' },
  };

  test('lists a bounded number of issues while the counts stay complete', () => {
    const counts = { ...noCounts(), itemsSkipped: 1000 };
    const issues = Array.from({ length: 1000 }, () => issue);
    const result = resultOfWork(attempt, { type: 'done', outcome: 'warning', counts, issues });
    expect(result.issues).toHaveLength(MAX_ISSUES);
    expect(result.counts.itemsSkipped).toBe(1000);
  });

  test('of a task that gave way says when it may start again', () => {
    const result = resultOfWork(attempt, {
      type: 'yielded',
      reason: 'draining',
      notBeforeMs: 0,
      counts: noCounts(),
      issues: [],
    });
    expect(result).toMatchObject({ outcome: 'yielded', notBeforeMs: 0 });
  });
});
