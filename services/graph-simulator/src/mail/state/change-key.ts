import type { Mailbox } from './mailbox.ts';
import type { MessageState } from './message.ts';

/** Outlook's change key of a message: differs after every change of it. */
export function changeKey(mailbox: Mailbox, key: number, { revision }: MessageState): string {
  const bytes = Buffer.alloc(18);
  bytes.writeUInt32BE(0x09000000, 0);
  bytes.writeUInt32BE(mailbox.number, 5);
  bytes.writeUInt32BE(key, 9);
  bytes.writeUInt32BE(revision, 14);
  return bytes.toString('base64');
}
