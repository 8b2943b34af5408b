import { describe, expect, test } from '@jest/globals';
import type { FailureKind } from '@backhaul/domain';
import { chooseTracking } from '../src/backup/choose-tracking.ts';
import { cursorScope } from '../src/backup/cursor-scope.ts';
import {
  afterFailedReading,
  MAX_RESTARTS,
  type AfterFailedReading,
  type FailedReading,
} from '../src/backup/tracking-failure.ts';

const failed = (about: Partial<FailedReading>): FailedReading => ({
  kind: 'unavailable',
  by: 'changes',
  pagesRead: 0,
  hadCursor: true,
  restarts: 0,
  onError: 'switch-to-proprietary',
  ...about,
});

describe('what follows when a container could not be read', () => {
  test.each<[string, Partial<FailedReading>, AfterFailedReading]>([
    ['its cursor is too old', { kind: 'expired' }, 're-baseline'],
    ['its cursor is too old and errors fail the object', { kind: 'expired', onError: 'fail-object' }, 're-baseline'],
    ['a link expired on the way', { kind: 'expired', pagesRead: 2 }, 'restart'],
    ['a link of a walk from scratch expired', { kind: 'expired', hadCursor: false, pagesRead: 1 }, 'restart'],
    ['a link of a list expired', { kind: 'expired', by: 'list', hadCursor: false, pagesRead: 1 }, 'restart'],
    ['links expire again and again', { kind: 'expired', pagesRead: 1, restarts: MAX_RESTARTS }, 'compare'],
    [
      'those of a list, too',
      { kind: 'expired', by: 'list', hadCursor: false, restarts: MAX_RESTARTS },
      'give-up-container',
    ],
    ['change tracking fails', {}, 'compare'],
    ['it fails from scratch', { hadCursor: false }, 'compare'],
    ['it times out', { kind: 'timed-out' }, 'compare'],
    ['it is not supported', { kind: 'invalid-input' }, 'compare'],
    ['the mailbox is over its quota', { kind: 'quota' }, 'compare'],
    ['it fails and that fails the object', { onError: 'fail-object' }, 'fail-object'],
    ['a plain list fails', { by: 'list', hadCursor: false }, 'give-up-container'],
    [
      'a plain list fails, whatever is set',
      { by: 'list', hadCursor: false, onError: 'fail-object' },
      'give-up-container',
    ],
    ['the folder is gone', { kind: 'not-found' }, 'give-up-container'],
    ['the folder is gone, whatever is set', { kind: 'not-found', onError: 'fail-object' }, 'give-up-container'],
  ])('%s', (_when, about, then) => {
    expect(afterFailedReading(failed(about))).toBe(then);
  });

  test.each<FailureKind>([
    'forbidden',
    'permission-missing',
    'unauthenticated',
    'unreachable',
    'throttled',
    'cancelled',
    'lease-lost',
    'stale',
    'corrupt',
    'no-space',
    'internal',
  ])('"%s" is never taken for an error of change tracking', (kind) => {
    for (const by of ['changes', 'list'] as const) expect(afterFailedReading(failed({ kind, by }))).toBe('fail-object');
  });
});

describe('how a container is read', () => {
  const known = {
    containerId: 'c',
    method: 'microsoft-delta',
    cursor: 'at 1',
    cursorScope: 's',
    state: 'read',
    asOf: '',
  } as const;

  test.each([
    [
      'microsoft',
      false,
      known,
      's',
      { method: 'microsoft-delta', cursor: 'at 1', transfer: 'differences', keepsCursor: true },
    ],
    [
      'microsoft',
      false,
      known,
      'other',
      { method: 'microsoft-delta', cursor: null, transfer: 'differences', keepsCursor: true },
    ],
    [
      'microsoft',
      false,
      null,
      's',
      { method: 'microsoft-delta', cursor: null, transfer: 'differences', keepsCursor: true },
    ],
    ['microsoft', true, known, 's', { method: 'full', cursor: null, transfer: 'everything', keepsCursor: true }],
    [
      'proprietary',
      false,
      known,
      's',
      { method: 'comparison', cursor: null, transfer: 'differences', keepsCursor: false },
    ],
    ['proprietary', true, known, 's', { method: 'full', cursor: null, transfer: 'everything', keepsCursor: false }],
    ['full', false, known, 's', { method: 'full', cursor: null, transfer: 'everything', keepsCursor: false }],
  ] as const)('mode %s, forced %s, known %j under the scope %s', (mode, forceFull, previous, scope, tracking) => {
    const changeTracking = { mode, onError: 'fail-object' } as const;
    expect(chooseTracking({ changeTracking, forceFull }, previous, scope)).toEqual(tracking);
  });
});

test('a cursor belongs to its kind, its fields and the mode', () => {
  const scopes = [
    cursorScope('mail', ['id'], 'microsoft'),
    cursorScope('contacts', ['id'], 'microsoft'),
    cursorScope('mail', ['id', 'subject'], 'microsoft'),
    cursorScope('mail', ['id'], 'proprietary'),
  ];
  expect(new Set(scopes).size).toBe(scopes.length);
  expect(cursorScope('mail', ['id'], 'microsoft')).toBe(scopes[0]);
});
