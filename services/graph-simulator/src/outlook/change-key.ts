/** What a change key is of; the number is part of the key, so that keys of different things are unlike. */
export const CHANGE_KEY_OF = { message: 0x09, contact: 0x0a, event: 0x0b, exception: 0x0c, calendar: 0x0d } as const;

/** Outlook's change key: differs after every change of what it is of. */
export function changeKeyOf(
  what: keyof typeof CHANGE_KEY_OF,
  mailbox: number,
  key: number,
  revision: number,
  day = 0,
): string {
  const bytes = Buffer.alloc(18);
  bytes.writeUInt8(CHANGE_KEY_OF[what], 0);
  bytes.writeUInt16BE(day, 2);
  bytes.writeUInt32BE(mailbox, 5);
  bytes.writeUInt32BE(key, 9);
  bytes.writeUInt32BE(revision, 14);
  return bytes.toString('base64');
}
