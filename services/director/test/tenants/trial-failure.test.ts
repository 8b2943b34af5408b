import { Failure, type FailureKind } from '@backhaul/domain';
import { expect, test } from '@jest/globals';
import { trialFailure } from '../../src/tenants/trial-failure.ts';

const failure = (kind: FailureKind, field?: string) =>
  new Failure(kind, {
    code: 'some.code',
    message: 'Said.',
    retry: 'later',
    ...(field === undefined ? {} : { where: { field } }),
  });

test.each([
  ['unreachable', undefined, 'loginUrl', 'invalid-input', 'tenant.unreachable', 'loginUrl'],
  ['timed-out', undefined, 'graphUrl', 'invalid-input', 'tenant.unreachable', 'graphUrl'],
  ['unauthenticated', 'credential', 'loginUrl', 'invalid-input', 'some.code', 'credential'],
  ['forbidden', undefined, 'graphUrl', 'invalid-input', 'some.code', 'graphUrl'],
  ['invalid-input', 'directoryId', 'loginUrl', 'invalid-input', 'some.code', 'directoryId'],
  ['throttled', undefined, 'loginUrl', 'throttled', 'some.code', undefined],
  ['unavailable', undefined, 'graphUrl', 'unavailable', 'some.code', undefined],
  ['permission-missing', undefined, 'graphUrl', 'permission-missing', 'some.code', undefined],
] as const)('%s (field %s) at %s becomes %s %s at %s', (kind, given, at, expectedKind, code, field) => {
  const translated = trialFailure(failure(kind, given), at);
  expect(translated).toMatchObject({ kind: expectedKind, code });
  expect((translated as Failure).where['field']).toBe(field);
});

test('a mistake of ours stays one', () => {
  const mistake = new TypeError('x is undefined');
  expect(trialFailure(mistake, 'graphUrl')).toBe(mistake);
});
