import type { Clock } from '@backhaul/domain';
import { decodeProgressEvent, encodeProgressEvent } from '@backhaul/wire';
import { coalesceProgress } from '../coalesce-progress.ts';
import type { ProgressInbox, ProgressSender } from '../ports.ts';
import { waitingQueue } from './waiting-queue.ts';

const WAIT_MS = 60_000;

/** Progress waits here until the Director takes it. */
export interface MemoryProgress {
  inbox: ProgressInbox;
  sender(transporterId: string): ProgressSender;
}

/** An empty queue of progress. */
export function memoryProgress(clock: Clock): MemoryProgress {
  const queue = waitingQueue<{ bytes: Uint8Array; senderId: string }>(clock);
  return {
    inbox: {
      async consume(handler, signal) {
        while (!signal.aborted) {
          const message = await queue.take(WAIT_MS, signal).catch(() => null);
          if (message === null) continue;
          await handler(decodeProgressEvent(message.bytes), message.senderId).catch(() => undefined);
        }
      },
      refused: 0,
    },
    sender: (senderId) =>
      coalesceProgress((progress) => queue.push({ bytes: encodeProgressEvent(progress), senderId }), clock),
  };
}
