import { Failure, type Clock, type Secret } from '@backhaul/domain';
import { encodeLoanRequest } from '@backhaul/wire';
import { answerLoanRequest, openLoanReply } from '../loan-exchange.ts';
import type { JsonWebKey, LendingClient, LendingDesk } from '../ports.ts';
import type { SignatureCheck, Signer } from '../signature.ts';

const FOR_EVER_MS = 2 ** 31 - 1;

/** A desk and its borrowers in one process; loans are sealed and signed all the same. */
export interface MemoryLending {
  desk: LendingDesk;
  client(borrowerId: string, sealingKey: Secret<JsonWebKey>): LendingClient;
}

/** A desk that nobody serves yet. */
export function memoryLending(signer: Signer, check: SignatureCheck, clock: Clock): MemoryLending {
  let serving: Parameters<typeof answerLoanRequest>[2] | null = null;
  return {
    desk: {
      async serve(answer, sealingKeyOf, signal) {
        const mine = { answer, sealingKeyOf, signer };
        serving = mine;
        while (!signal.aborted) await clock.sleep(FOR_EVER_MS, signal).catch(() => undefined);
        if (serving === mine) serving = null;
      },
      refused: 0,
    },
    client: (borrowerId, sealingKey) => ({
      async ask(request, signal) {
        signal.throwIfAborted();
        if (serving === null) throw nobodyAnswers();
        const reply = await answerLoanRequest(encodeLoanRequest(request), borrowerId, serving).catch(() => {
          throw nobodyAnswers();
        });
        return openLoanReply(reply, request, { check, sealingKey });
      },
    }),
  };
}

function nobodyAnswers(): Failure {
  return new Failure('unavailable', {
    code: 'dispatch.store-missing',
    message: 'Nobody answers loan requests.',
    retry: 'later',
  });
}
