import { describe, expect, test } from '@jest/globals';
import { budgetPauseMs } from '../src/drive-scope.ts';

describe('the pause that spreads what is left of the budget', () => {
  test.each([
    ['nothing is said', {}, 0],
    ['only one header is there', { 'ratelimit-remaining': '100' }, 0],
    ['a header is no number', { 'ratelimit-remaining': 'many', 'ratelimit-reset': '30' }, 0],
    ['nothing is left', { 'ratelimit-remaining': '0', 'ratelimit-reset': '30' }, 30_000],
    ['less than a wave of requests is left', { 'ratelimit-remaining': '10', 'ratelimit-reset': '30' }, 30_000],
    ['ten waves are left', { 'ratelimit-remaining': '160', 'ratelimit-reset': '30' }, 3_000],
    ['plenty is left', { 'ratelimit-remaining': '16000', 'ratelimit-reset': '30' }, 30],
  ])('when %s', (_case, headers, ms) => {
    expect(budgetPauseMs(headers, 8)).toBe(ms);
  });
});
