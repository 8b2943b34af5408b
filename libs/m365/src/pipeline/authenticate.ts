import type { Secret } from '@backhaul/domain';
import type { Middleware } from '@microsoft/microsoft-graph-client';
import { addressOf, step } from './call.ts';

/**
 * Gives a token; with `refused`, another one than that, which Microsoft no longer accepts. May be called often and at the
 * same time: the supplier remembers a good one.
 */
export type TokenSupplier = (refused?: Secret) => Promise<Secret>;

/** Adds the token, but only to requests for `origin`; an attempt to send it elsewhere is a mistake of ours and crashes. */
export function authenticate(supply: TokenSupplier, origin: string): Middleware {
  const renew = oneRenewalAtATime(supply);
  return step(async (call, context, next) => {
    const headers = (context.options ??= {}).headers as Record<string, string>;
    delete headers['Authorization'];
    if (!call.anonymous) {
      const { url } = addressOf(call, context);
      if (new URL(url).origin !== origin)
        throw new Error(`A token for ${origin} does not go to ${new URL(url).origin}.`);
      call.token = call.refusedToken === undefined ? await supply() : await renew(call.refusedToken);
      headers['Authorization'] = `Bearer ${call.token.reveal()}`;
    }
    await next();
  });
}

/** Several requests meet the end of a token at once; they share one renewal. One that failed is not remembered. */
function oneRenewalAtATime(supply: TokenSupplier): (refused: Secret) => Promise<Secret> {
  let latest: { refused: Secret; renewed: Promise<Secret> } | undefined;
  return async (refused) => {
    if (latest?.refused.reveal() !== refused.reveal()) latest = { refused, renewed: supply(refused) };
    const renewal = latest;
    try {
      return await renewal.renewed;
    } catch (error) {
      if (latest === renewal) latest = undefined;
      throw error;
    }
  };
}
