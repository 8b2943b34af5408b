import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { isFailure } from '@backhaul/domain';
import type { LoanAnswer, LoanRequest } from '../src/index.ts';
import { loan } from './builders.ts';
import type { DispatchUnderTest, OpenDispatch } from './dispatch-under-test.ts';
import { eventually } from './eventually.ts';

/** What LendingDesk and LendingClient promise. */
export function lendingSuite(name: string, open: OpenDispatch): void {
  describe(`lending ${name}`, () => {
    let dispatch: DispatchUnderTest;
    let stop: AbortController;
    const never = new AbortController().signal;
    const request: LoanRequest = { taskId: 'task-1', fence: 7, boot: 'boot-1', tokenRefused: false };

    beforeEach(async () => {
      dispatch = await open();
      stop = new AbortController();
    });
    afterEach(async () => {
      stop.abort();
      await dispatch.close();
    });

    const serve = (answer: (request: LoanRequest, borrowerId: string) => Promise<LoanAnswer>) => {
      void dispatch.director.lending.serve(answer, dispatch.sealingKeyOf, stop.signal);
    };

    /** Asks until somebody answers, as a Transporter does while its lease lives. */
    const ask = async (transporterId: string, asked = request) => {
      const { lending } = await dispatch.transporter(transporterId, 'boot-1');
      return eventually('there is an answer', () =>
        lending.ask(asked, never).catch((error: unknown) => {
          if (isFailure(error, 'unavailable', 'unreachable', 'timed-out')) return null;
          throw error;
        }),
      );
    };

    test('gives what the Director lends, to who asked', async () => {
      const asked: string[] = [];
      serve(async (received, borrowerId) => {
        asked.push(`${borrowerId} for ${received.taskId}, fence ${received.fence}, boot ${received.boot}`);
        return { granted: true, loan: loan({ jobName: 'Mail of all' }) };
      });
      const answer = await ask('north');
      expect(answer.granted && answer.loan.reveal()).toEqual(loan({ jobName: 'Mail of all' }).reveal());
      expect(asked).toEqual(['north for task-1, fence 7, boot boot-1']);
    });

    test('is told when the token that was lent was refused', async () => {
      const told: boolean[] = [];
      serve(async ({ tokenRefused }) => {
        told.push(tokenRefused);
        return { granted: true, loan: loan() };
      });
      await ask('north');
      await ask('north', { ...request, tokenRefused: true });
      expect(told).toEqual([false, true]);
    });

    test('says why there is no loan', async () => {
      serve(async () => ({ granted: false, reason: 'This attempt does not run.' }));
      expect(await ask('north')).toEqual({ granted: false, reason: 'This attempt does not run.' });
    });

    test('lends nothing to who has not enrolled a key', async () => {
      void dispatch.director.lending.serve(
        async () => ({ granted: true, loan: loan() }),
        async () => null,
        stop.signal,
      );
      expect((await ask('north')).granted).toBe(false);
    });

    test('gives nobody what is sealed for another', async () => {
      await dispatch.transporter('south', 'boot-1');
      const southKey = await dispatch.sealingKeyOf('south');
      void dispatch.director.lending.serve(
        async () => ({ granted: true, loan: loan() }),
        async () => southKey,
        stop.signal,
      );
      const failure: unknown = await ask('north').catch((error: unknown) => error);
      expect(isFailure(failure, 'wrong-key')).toBe(true);
    });

    test('asks again after the desk failed to answer', async () => {
      let failures = 1;
      serve(async () => {
        failures -= 1;
        if (failures >= 0) throw new Error('the database is away');
        return { granted: true, loan: loan() };
      });
      expect((await ask('north')).granted).toBe(true);
    });

    test('fails with advice while nobody serves', async () => {
      const { lending } = await dispatch.transporter('north', 'boot-1');
      const failure: unknown = await lending.ask(request, never).catch((error: unknown) => error);
      expect(isFailure(failure) && failure.retry).not.toBe('never');
      expect(isFailure(failure, 'unavailable', 'timed-out')).toBe(true);
    });
  });
}
