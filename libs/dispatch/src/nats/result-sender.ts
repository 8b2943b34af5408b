import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Clock } from '@backhaul/domain';
import { encodeResultMessage } from '@backhaul/wire';
import type { DispatchNames } from '../names.ts';
import type { ResultSender } from '../ports.ts';
import { natsFailure } from './failure.ts';
import { messageHeaders } from './message-headers.ts';
import { unlessAborted } from './unless-aborted.ts';

const ANSWER_MS = 3_000;
const RETRY_MS = 500;

/** Results as messages of the stream RESULTS. */
export function natsResultSender(
  connection: NatsConnection,
  names: DispatchNames,
  options: { transporterId: string; clock: Clock },
): ResultSender {
  const publisher = jetstream(connection, { timeout: ANSWER_MS });

  return {
    async send(result, signal) {
      const subject = names.result(options.transporterId, result.taskId);
      const payload = encodeResultMessage(result);
      const publish = (msgID?: string) =>
        publisher.publish(subject, payload, { headers: messageHeaders('result'), ...(msgID && { msgID }) });

      for (let attempt = 1; ; attempt += 1) {
        signal.throwIfAborted();
        try {
          const { duplicate } = await unlessAborted(publish(String(result.fence)), signal);
          // A duplicate of our own first attempt is stored. Anyone else's with our fence must not swallow ours.
          if (duplicate && attempt === 1) await unlessAborted(publish(), signal);
          return;
        } catch (error) {
          signal.throwIfAborted();
          const failure = natsFailure(error, `Reporting task ${result.taskId}`);
          if (failure.retry === 'never') throw failure;
          await options.clock.sleep(RETRY_MS, signal);
        }
      }
    },
  };
}
