import type { Middleware } from '@microsoft/microsoft-graph-client';
import { step } from './call.ts';
import type { Gate } from './gate.ts';

/**
 * Lets a call through the gate of its scope, and closes the gate when the answer asks for it, before the permit is given
 * back: nobody can slip through between.
 */
export function holdBack(gateOf: (scope: string) => Gate): Middleware {
  return step(async (call, _context, next) => {
    const gate = gateOf(call.scope);
    const leave = await gate.enter(call, call.signal);
    try {
      await next();
      const { outcome } = call;
      if (outcome !== undefined && 'error' in outcome && outcome.error.remedy === 'pause') {
        gate.pause(outcome.error.failure.retryAfterMs ?? 0);
      }
    } finally {
      leave();
    }
  });
}
