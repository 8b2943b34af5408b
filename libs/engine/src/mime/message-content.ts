import type { MessageParts, SourceAttachment } from '../mail-source.ts';
import { decodeText, decodeTransferEncoding } from './body-encoding.ts';
import { readMimePart, type MimePart } from './mime-part.ts';

/**
 * Body and attachments of a MIME message. The body is the first HTML part that is not an attachment, else the first text
 * part; its other renderings (siblings within `multipart/alternative`) are left out. Every other leaf is an attachment.
 */
export async function readMessageContent(mime: Uint8Array): Promise<MessageParts> {
  return contentOf(await readMimePart(mime));
}

/** {@link readMessageContent} of a message whose structure has been read already. */
export function contentOf(message: MimePart): MessageParts {
  const leaves = leavesOf(message, { related: false, alternatives: [] });
  const body = leaves.find((leaf) => isBody(leaf, 'text/html')) ?? leaves.find((leaf) => isBody(leaf, 'text/plain'));
  const attachments = leaves
    .filter((leaf) => leaf !== body && !isEmptyRoot(leaf, message) && !isOtherRendering(leaf, body))
    .map(attachmentOf);
  return { body: bodyOf(body), attachments };
}

interface Leaf {
  part: MimePart;
  related: boolean;
  /** The `multipart/alternative` entities it lies in, outermost first. */
  alternatives: MimePart[];
}

function leavesOf(part: MimePart, place: Omit<Leaf, 'part'>): Leaf[] {
  if (part.children.length === 0) return [{ part, ...place }];
  const below = {
    related: place.related || part.type === 'multipart/related',
    alternatives: part.type === 'multipart/alternative' ? [...place.alternatives, part] : place.alternatives,
  };
  return part.children.flatMap((child) => leavesOf(child, below));
}

function isBody({ part }: Leaf, type: 'text/html' | 'text/plain'): boolean {
  // RFC 2045 5.2: a part without a type is plain text. So is a multipart that cannot be split.
  const effective = part.type === '' || part.type.startsWith('multipart/') ? 'text/plain' : part.type;
  return effective === type && disposition(part) !== 'attachment' && fileName(part) === '';
}

function isOtherRendering(leaf: Leaf, body: Leaf | undefined): boolean {
  const isText = isBody(leaf, 'text/html') || isBody(leaf, 'text/plain');
  return isText && leaf.alternatives.some((alternative) => body?.alternatives.includes(alternative));
}

/** A message that has headers only. */
function isEmptyRoot(leaf: Leaf, message: MimePart): boolean {
  return leaf.part === message && leaf.part.body.length === 0;
}

function bodyOf(leaf: Leaf | undefined): MessageParts['body'] {
  if (leaf === undefined) return { contentType: 'text', content: '' };
  const content = decodeText(bytesOf(leaf.part), leaf.part.params['charset'] ?? '');
  return { contentType: leaf.part.type === 'text/html' ? 'html' : 'text', content };
}

function attachmentOf({ part, related }: Leaf): SourceAttachment {
  const contentId = part.headers.text('content-id').trim().replace(/^<|>$/g, '');
  const stated = disposition(part);
  return {
    kind: kindOf(part),
    name: fileName(part),
    contentType: part.type === '' ? 'application/octet-stream' : part.type,
    contentId,
    isInline: stated === 'inline' || (stated === '' && related && contentId !== ''),
    content: kindOf(part) === 'reference' ? new Uint8Array(0) : bytesOf(part),
  };
}

function kindOf(part: MimePart): SourceAttachment['kind'] {
  if (part.type === 'message/rfc822' || part.type === 'message/global') return 'item';
  return part.type === 'message/external-body' ? 'reference' : 'file';
}

function bytesOf(part: MimePart): Buffer {
  return decodeTransferEncoding(part.body, part.headers.text('content-transfer-encoding'));
}

function disposition(part: MimePart): string {
  return (part.headers.structured('content-disposition')?.value ?? '').trim().toLowerCase();
}

function fileName(part: MimePart): string {
  return part.headers.structured('content-disposition')?.params['filename'] ?? part.params['name'] ?? '';
}
