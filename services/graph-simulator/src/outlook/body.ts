import { badRequest } from '../http/graph-error.ts';
import type { Preferences } from '../http/graph-request.ts';
import type { Body } from '../mail/state/message.ts';
import type { Content } from '../tenant/content.ts';

/** Html unless text is preferred, as the service converts. */
export function bodyJson(
  body: Body | null,
  preferences: Preferences,
  content: Content,
): { contentType: string; content: string } {
  const text = body === null ? '' : content.text(body.source);
  const wanted = preferences.bodyType ?? 'html';
  if (wanted === 'text') return { contentType: 'text', content: body?.type === 'html' ? htmlToText(text) : text };
  if (body?.type === 'html' || text === '') return { contentType: 'html', content: text };
  return { contentType: 'html', content: textToHtml(text) };
}

/** A text as the page that the service makes of it. */
export function textToHtml(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const lines = escaped.replaceAll(/\r\n|\r|\n/g, '<br>\r\n');
  return `<html><head></head><body><div class="PlainText">${lines}</div></body></html>`;
}

/** The first 255 characters as text. */
export function bodyPreview(body: Body | null, content: Content): string {
  if (body === null) return '';
  const source = body.source.from === 'seed' ? { ...body.source, size: Math.min(body.source.size, 400) } : body.source;
  const text = content.text(source).slice(0, 4000);
  return (body.type === 'html' ? htmlToText(text) : text).trim().slice(0, 255);
}

/** A body as it is posted; null for none. @throws GraphError for another type than text and html */
export function readBody(value: unknown, keeper: Content): Body | null {
  if (value === undefined || value === null) return null;
  const { contentType, content } = value as { contentType?: unknown; content?: unknown };
  if (content !== undefined && content !== null && typeof content !== 'string') {
    throw badRequest('body.content must be a string.', 'UnableToDeserializePostBody');
  }
  const type = (typeof contentType === 'string' ? contentType : 'text').toLowerCase();
  if (type !== 'text' && type !== 'html') throw badRequest(`'${type}' is no body type.`, 'UnableToDeserializePostBody');
  return { type, source: keeper.keepText(content ?? '') };
}

function htmlToText(html: string): string {
  return html
    .replace(/<style[^]*?<\/style>/g, '')
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
