import type { KeptPart, PartContent, PartToStore } from './entry.ts';

/** Content whose bytes are all there. */
export type WholeContent = PartContent & { content: Uint8Array };
/** Content that comes piece by piece. */
export type StreamedContent = PartContent & { content: AsyncIterable<Uint8Array> };

export function isKept(part: PartToStore): part is KeptPart {
  return 'kept' in part;
}

export function isWhole(part: PartToStore): part is WholeContent {
  return !isKept(part) && part.content instanceof Uint8Array;
}

export function isStreamed(part: PartToStore): part is StreamedContent {
  return !isKept(part) && !isWhole(part);
}

export function nameOf(part: PartToStore): string {
  return isKept(part) ? part.kept.name : part.name;
}
