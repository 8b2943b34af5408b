import type { SourceAttachment } from '@backhaul/engine';
import { plainLine, type Property } from '../content-line.ts';

/** Larger attachments lie beside the calendar's file: programs read a calendar as a whole. */
const MAX_INLINE_BYTES = 1024 * 1024;

/** A file that belongs to an item and lies beside its own file. */
export interface BesideFile {
  /** As it was attached; not safe. */
  name: string;
  content: Uint8Array;
}

/** Attachments as lines of an event, base64 within them; what is too large is given back to lie beside. */
export function attachmentLines(attachments: readonly SourceAttachment[]): {
  lines: Property[];
  beside: BesideFile[];
  losses: string[];
} {
  const lines: Property[] = [];
  const beside: BesideFile[] = [];
  const losses: string[] = [];
  for (const { kind, name, contentType, content } of attachments) {
    if (kind === 'reference') {
      losses.push(`The link to the cloud file ${JSON.stringify(name)} cannot be written into a calendar.`);
    } else if (content.length > MAX_INLINE_BYTES) {
      beside.push({ name: kind === 'item' ? `${name || 'message'}.eml` : name || 'attachment', content });
    } else {
      const type = kind === 'item' ? 'message/rfc822' : plainLine(contentType) || 'application/octet-stream';
      const parameters = { encoding: 'BASE64', fmttype: type, filename: plainLine(name) };
      const base64 = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('base64');
      lines.push(['attach', parameters, 'binary', base64]);
    }
  }
  return { lines, beside, losses };
}
