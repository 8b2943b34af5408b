import type { Clock } from '@backhaul/domain';
import { decodeControlMessage, decodeWantMessage, encodeControlMessage, encodeWantMessage } from '@backhaul/wire';
import type { Control, ControlInbox, ControlSender, Want, WantInbox, WantSender } from '../ports.ts';

const FOR_EVER_MS = 2 ** 31 - 1;

/** What nobody stores, wants and controls: heard by who listens at that moment, else lost. */
export interface MemoryHints {
  wantInbox: WantInbox;
  wantSender(transporterId: string): WantSender;
  controlSender: ControlSender;
  controlInbox(transporterId: string): ControlInbox;
}

/** Nobody listens yet. */
export function memoryHints(clock: Clock): MemoryHints {
  const wants = listeners<Want>(clock);
  const controls = listeners<{ transporterId: string; control: Control }>(clock);
  return {
    wantInbox: {
      subscribe: (handler, signal) => wants.listen(handler, signal),
      refused: 0,
    },
    wantSender: (transporterId) => ({
      send(want) {
        // As a subject that only this Transporter may use.
        if (want.transporterId === transporterId) wants.tell(decodeWantMessage(encodeWantMessage(want)));
      },
    }),
    controlSender: {
      send: (transporterId, control) =>
        controls.tell({ transporterId, control: decodeControlMessage(encodeControlMessage(control)) }),
    },
    controlInbox: (transporterId) => ({
      subscribe: (handler, signal) =>
        controls.listen((hint) => {
          if (hint.transporterId === transporterId) handler(hint.control);
        }, signal),
      refused: 0,
    }),
  };
}

function listeners<T>(clock: Clock) {
  const all = new Set<(item: T) => void>();
  return {
    async listen(handler: (item: T) => void, signal: AbortSignal): Promise<void> {
      all.add(handler);
      while (!signal.aborted) await clock.sleep(FOR_EVER_MS, signal).catch(() => undefined);
      all.delete(handler);
    },
    tell(item: T): void {
      for (const handler of all) void Promise.resolve().then(() => all.has(handler) && handler(item));
    },
  };
}
