import { textOfHtml } from '@backhaul/export';
import type { z } from 'zod';
import type { BodyView } from '../item-details.view.ts';
import { safeHtml, type InlineImage } from './safe-html.ts';

/** Longer text is cut. */
const MAX_TEXT = 1_000_000;

/** A body as a preview may show it. */
export function previewBody(
  { type, text }: { type: 'text' | 'html'; text: string },
  images: ReadonlyMap<string, InlineImage>,
): z.input<typeof BodyView> {
  const isCut = text.length > MAX_TEXT;
  const shown = text.slice(0, MAX_TEXT);
  if (type === 'text') return { type, text: shown, html: null, blockedImages: 0, isCut };
  return { type, text: textOfHtml(shown), ...safeHtml(text, images) };
}
