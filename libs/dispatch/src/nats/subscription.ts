import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { natsFailure } from './failure.ts';

/**
 * Hands every message on `subject` to `handle`, one after the other, until `signal` is aborted.
 * @throws Failure `forbidden` when this user may not listen there, `unreachable` when the connection was closed before.
 */
export async function forEachMessage(
  connection: NatsConnection,
  subject: string,
  signal: AbortSignal,
  handle: (message: Msg) => void,
  options: { queue?: string } = {},
): Promise<void> {
  if (signal.aborted) return;
  const doing = `Listening on ${subject}`;
  try {
    const subscription = connection.subscribe(subject, options);
    const stop = () => subscription.unsubscribe();
    signal.addEventListener('abort', stop, { once: true });
    for await (const message of subscription) handle(message);
    signal.removeEventListener('abort', stop);
  } catch (error) {
    throw natsFailure(error, doing);
  }
}
