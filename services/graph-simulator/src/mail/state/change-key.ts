import { changeKeyOf } from '../../outlook/change-key.ts';
import type { Mailbox } from './mailbox.ts';
import type { MessageState } from './message.ts';

/** Outlook's change key of a message: differs after every change of it. */
export function changeKey(mailbox: Mailbox, key: number, { revision }: MessageState): string {
  return changeKeyOf('message', mailbox.number, key, revision);
}
