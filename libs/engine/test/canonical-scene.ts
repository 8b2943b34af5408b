import { createHash } from 'node:crypto';
import { canonicalMessage, type MessageParts, type MessageProperties } from '../src/index.ts';

/** A message of which a test names only what matters. */
export function properties(given: Partial<MessageProperties> = {}): MessageProperties {
  return { id: '1', changeKey: 'k', parentFolderId: 'f', ...given };
}

export function content(given: Partial<MessageParts> = {}): MessageParts {
  return { body: { contentType: 'text', content: '' }, attachments: [], ...given };
}

/** The form of lines of MIME (joined by CR LF), with properties that say nothing. */
export function ofMime(...lines: string[]) {
  return canonicalMessage(properties(), Buffer.from(lines.join('\r\n'), 'latin1'), []);
}

export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
