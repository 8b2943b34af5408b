import { Failure } from '@backhaul/domain';
import type { LeaseKeys } from '../src/index.ts';

/**
 * What is to happen to one call:
 * - `unreachable`: it does not arrive, and the caller learns nothing.
 * - `answer-lost`: it is done, and the caller learns nothing.
 * - a function: called before the call arrives, for example to freeze the process there.
 */
export type LeaseFault = 'unreachable' | 'answer-lost' | (() => void | Promise<void>);

/** Leases whose next calls fail as planned. */
export interface FaultyLeases extends LeaseKeys {
  plan(call: 'write' | 'read', ...faults: (LeaseFault | 'none')[]): void;
  /** How many planned faults have not happened (yet). A test ends with 0. */
  outstanding(): number;
}

/** Wraps `inner`; without a plan everything works. */
export function faultyLeases(inner: LeaseKeys): FaultyLeases {
  const planned: Record<'write' | 'read', (LeaseFault | 'none')[]> = { write: [], read: [] };

  const suffer = async <T>(call: 'write' | 'read', operation: () => Promise<T>): Promise<T> => {
    const fault = planned[call].shift() ?? 'none';
    if (fault === 'unreachable') throw noAnswer();
    if (typeof fault === 'function') await fault();
    const answer = await operation();
    if (fault === 'answer-lost') throw noAnswer();
    return answer;
  };

  return {
    write: (key, value, expectedRevision) => suffer('write', () => inner.write(key, value, expectedRevision)),
    read: (key) => suffer('read', () => inner.read(key)),
    plan: (call, ...faults) => planned[call].push(...faults),
    outstanding: () => [...planned.write, ...planned.read].filter((fault) => fault !== 'none').length,
  };
}

function noAnswer(): Failure {
  return new Failure('timed-out', {
    code: 'dispatch.no-answer',
    message: 'NATS did not answer in time.',
    retry: 'now',
  });
}
