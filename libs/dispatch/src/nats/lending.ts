import type { Msg, NatsConnection } from '@nats-io/transport-node';
import type { Secret } from '@backhaul/domain';
import { encodeLoanRequest } from '@backhaul/wire';
import { answerLoanRequest, openLoanReply } from '../loan-exchange.ts';
import type { DispatchNames } from '../names.ts';
import type { JsonWebKey, LendingClient, LendingDesk } from '../ports.ts';
import type { SignatureCheck, Signer } from '../signature.ts';
import { asFailure } from './failure.ts';
import { inTraceOf, isOfKind, messageHeaders, signatureOf } from './message-headers.ts';
import { forEachMessage } from './subscription.ts';
import { unlessAborted } from './unless-aborted.ts';

const ANSWER_MS = 5_000;
/** Several Directors may serve; one of them gets each request. */
const DESK_GROUP = 'lending-desk';

/** Asks the Directors' desk by request and reply. */
export function natsLendingClient(
  connection: NatsConnection,
  names: DispatchNames,
  options: { transporterId: string; check: SignatureCheck; sealingKey: Secret<JsonWebKey> },
): LendingClient {
  return {
    async ask(request, signal) {
      signal.throwIfAborted();
      const asking = asFailure(`Asking for the loan of task ${request.taskId}`, () =>
        connection.request(names.lend(options.transporterId), encodeLoanRequest(request), {
          headers: messageHeaders('loan-request'),
          timeout: ANSWER_MS,
        }),
      );
      const reply = await unlessAborted(asking, signal);
      const signature = isOfKind(reply.headers, 'loan-reply') ? signatureOf(reply.headers) : '';
      return openLoanReply({ payload: reply.data, signature }, request, options);
    },
  };
}

/** Answers loan requests for as long as it is served. */
export function natsLendingDesk(connection: NatsConnection, names: DispatchNames, signer: Signer): LendingDesk {
  let refused = 0;

  const reply = async (message: Msg, desk: Parameters<typeof answerLoanRequest>[2]) => {
    const borrowerId = borrowerOf(message, names);
    if (borrowerId === null) {
      refused += 1;
      return;
    }
    const { payload, signature } = await answerLoanRequest(message.data, borrowerId, desk);
    message.respond(payload, { headers: messageHeaders('loan-reply', { signature }) });
  };

  return {
    serve: (answer, sealingKeyOf, signal) =>
      forEachMessage(
        connection,
        names.all.lend,
        signal,
        (message) => {
          void inTraceOf(message.headers, () => reply(message, { answer, sealingKeyOf, signer })).catch(() => {
            // Without an answer the borrower asks again while its lease lives.
            refused += 1;
          });
        },
        { queue: DESK_GROUP },
      ),
    get refused() {
      return refused;
    },
  };
}

/**
 * Whom the transport vouches for. The answer must go to an inbox of the same Transporter: with another reply address a rogue
 * would make the Director publish where the rogue may not.
 */
function borrowerOf(message: Msg, names: DispatchNames): string | null {
  const borrowerId = names.parseTransporter(message.subject);
  if (borrowerId === null || !isOfKind(message.headers, 'loan-request')) return null;
  return message.reply?.startsWith(`${names.inbox(borrowerId)}.`) ? borrowerId : null;
}
