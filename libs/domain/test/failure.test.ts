import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Failure, failureRecord, isFailure, toFailure, type FailureDetails } from '../src/index.ts';

const details: FailureDetails = {
  code: 'repository.wrong-key',
  message: 'The password does not open this repository.',
  retry: 'never',
};

/** Any details, with or without what is optional. */
const anyDetails = fc.record(
  {
    code: fc.string(),
    message: fc.string(),
    retry: fc.constantFrom('now' as const, 'later' as const, 'never' as const),
    hint: fc.string(),
    where: fc.dictionary(fc.string(), fc.string()),
    retryAfterMs: fc.nat(),
  },
  { requiredKeys: ['code', 'message', 'retry'] },
);

describe('a failure', () => {
  test('is an Error with its kind, code, advice and cause', () => {
    const cause = new Error('underneath');
    const failure = new Failure('wrong-key', { ...details, hint: 'Try the other one.', cause });
    expect(failure).toBeInstanceOf(Error);
    expect([failure.name, failure.kind, failure.code, failure.retry, failure.hint, failure.cause]).toEqual([
      'Failure',
      'wrong-key',
      'repository.wrong-key',
      'never',
      'Try the other one.',
      cause,
    ]);
  });

  test('without a cause has none, not even an undefined one', () => {
    expect(Object.hasOwn(new Failure('internal', details), 'cause')).toBe(false);
  });

  test('keeps a context of its own that nobody can change', () => {
    const where = { field: 'name' };
    const failure = new Failure('invalid-input', { ...details, where });
    where.field = 'other';
    expect(failure.where).toEqual({ field: 'name' });
    expect(() => Object.assign(failure.where, { field: 'other' })).toThrow(TypeError);
  });
});

describe('what was thrown', () => {
  test('is recognised by kind', () => {
    const failure = new Failure('throttled', details);
    expect([isFailure(failure), isFailure(failure, 'throttled'), isFailure(failure, 'expired', 'throttled')]).toEqual([
      true,
      true,
      true,
    ]);
    expect(isFailure(failure, 'expired', 'unavailable')).toBe(false);
  });

  test.each([
    ['an error', new Error('kind: throttled')],
    ['plain data that looks like one', { ...details, kind: 'throttled', name: 'Failure' }],
    ['a text', 'throttled'],
    ['nothing', undefined],
    ['null', null],
  ])('is no failure when it is %s', (_what, thrown) => {
    expect([isFailure(thrown), isFailure(thrown, 'throttled')]).toEqual([false, false]);
  });

  test('stays the very failure it is', () => {
    const failure = new Failure('throttled', details);
    expect(toFailure(failure)).toBe(failure);
  });

  test('becomes an internal failure that is never retried when it is a mistake, the cause kept', () => {
    const mistake = new TypeError('x is not a function');
    expect(toFailure(mistake)).toMatchObject({
      kind: 'internal',
      code: 'internal',
      message: 'x is not a function',
      retry: 'never',
      cause: mistake,
    });
  });

  test('becomes an internal failure whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constantFrom(null, undefined)), (thrown) => {
        const failure = toFailure(thrown);
        expect([failure.kind, failure.message]).toEqual(['internal', String(thrown)]);
      }),
    );
  });
});

describe('a failure as plain data', () => {
  test('says what the failure says, without its cause, and survives JSON', () => {
    fc.assert(
      fc.property(anyDetails, (given) => {
        const record = failureRecord(new Failure('quota', { ...given, cause: new Error('stays behind') }));
        const { hint, where = {} } = given;
        expect(record).toEqual({
          kind: 'quota',
          code: given.code,
          message: given.message,
          retry: given.retry,
          ...(hint !== undefined && { hint }),
          ...(Object.keys(where).length > 0 && { where: { ...where } }),
        });
        expect(JSON.stringify(record)).not.toContain('stays behind');
        expect(JSON.parse(JSON.stringify(record))).toEqual(record);
      }),
    );
  });
});
