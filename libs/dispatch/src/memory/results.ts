import type { Clock, TaskResult } from '@backhaul/domain';
import { decodeResultMessage, encodeResultMessage } from '@backhaul/wire';
import type { ResultInbox, ResultSender } from '../ports.ts';
import { waitingQueue } from './waiting-queue.ts';

const AGAIN_AFTER_MS = 1_000;
const WAIT_MS = 60_000;

/** Results wait here until the Director has taken them. */
export interface MemoryResults {
  inbox: ResultInbox;
  sender(transporterId: string): ResultSender;
}

/** An empty queue of results. */
export function memoryResults(clock: Clock): MemoryResults {
  const queue = waitingQueue<{ bytes: Uint8Array; senderId: string }>(clock);
  let unacknowledged = 0;

  const handOn = async (message: { bytes: Uint8Array; senderId: string }, handler: Handler) => {
    try {
      await handler(decodeResultMessage(message.bytes), message.senderId);
    } catch {
      await clock.sleep(AGAIN_AFTER_MS);
      queue.push(message);
    } finally {
      unacknowledged -= 1;
    }
  };

  return {
    inbox: {
      async consume(handler, signal) {
        while (!signal.aborted) {
          const message = await queue.take(WAIT_MS, signal).catch(() => null);
          if (message === null) continue;
          unacknowledged += 1;
          void handOn(message, handler);
        }
      },
      isDrained: async () => queue.length === 0 && unacknowledged === 0,
      refused: 0,
    },
    sender: (senderId) => ({
      async send(result, signal) {
        signal.throwIfAborted();
        queue.push({ bytes: encodeResultMessage(result), senderId });
      },
    }),
  };
}

type Handler = (result: TaskResult, senderId: string) => Promise<void>;
