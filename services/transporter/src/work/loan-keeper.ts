import { Failure, isFailure, Secret, type Clock } from '@backhaul/domain';
import type { LendingClient, Loan, LoanRequest } from '@backhaul/dispatch';

/** What one attempt has borrowed, kept fresh while it runs. */
export interface LoanKeeper {
  readonly loan: Loan;
  /** The Graph token; asked for anew when it is about to run out. */
  token(): Promise<Secret>;
  /** Asks for another token at once: Microsoft refused the present one. */
  refreshToken(): Promise<Secret>;
}

/** Tokens are renewed this long before they end (Microsoft: at least five minutes early). */
const RENEW_EARLY_MS = 5 * 60_000;
const ASK_AGAIN_MS = 1000;

/**
 * Asks the Director whether the attempt may start; with its yes come token and keys. Null is its no: the fence is not
 * running, or not ours. Without an answer it asks again for as long as the lease lives (`signal`).
 */
export async function borrow(
  lending: LendingClient,
  attempt: Omit<LoanRequest, 'tokenRefused'>,
  clock: Clock,
  signal: AbortSignal,
): Promise<LoanKeeper | null> {
  const first = await ask({ tokenRefused: false });
  if (first === null) return null;
  let loan = first;

  async function ask(why: Pick<LoanRequest, 'tokenRefused'>): Promise<Loan | null> {
    for (;;) {
      try {
        const answer = await lending.ask({ ...attempt, ...why }, signal);
        return answer.granted ? answer.loan.reveal() : null;
      } catch (error) {
        // The Director may be restarting, and NATS with it.
        if (!isFailure(error, 'timed-out', 'unreachable', 'unavailable')) throw error;
        await clock.sleep(ASK_AGAIN_MS, signal);
      }
    }
  }

  async function renew(why: Pick<LoanRequest, 'tokenRefused'>): Promise<Secret> {
    const next = await ask(why);
    if (next === null) {
      throw new Failure('stale', {
        code: 'dispatch.loan-ended',
        message: 'The Director lends nothing more for this attempt.',
        retry: 'never',
        where: { taskId: attempt.taskId },
      });
    }
    loan = next;
    return new Secret(loan.graph.accessToken);
  }

  const renewEnding = oneAtATime(() => renew({ tokenRefused: false }));
  const renewRefused = oneAtATime(() => renew({ tokenRefused: true }));

  return {
    get loan() {
      return loan;
    },
    token: async () => {
      const left = Date.parse(loan.graph.expiresAt) - clock.now().getTime();
      return left > RENEW_EARLY_MS ? new Secret(loan.graph.accessToken) : renewEnding();
    },
    refreshToken: renewRefused,
  };
}

/** All who need it at the same time share one request. */
function oneAtATime<T>(request: () => Promise<T>): () => Promise<T> {
  let pending: Promise<T> | null = null;
  return () => (pending ??= request().finally(() => (pending = null)));
}
