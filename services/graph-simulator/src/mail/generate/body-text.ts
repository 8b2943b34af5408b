import type { TextSource } from '../../tenant/source.ts';
import { generateText } from '../../generate/bytes.ts';
import { PHRASES } from '../../generate/languages.ts';

type GeneratedText = Extract<TextSource, { from: 'seed' }>;

const PARAGRAPH = 72 * 8;

/** The text of a generated body: a sentence in the body's language, then filler in the Latin alphabet, with CR LF. */
export function bodyText(source: GeneratedText): string {
  const sentences = PHRASES[source.language].sentences;
  const opening = sentences[source.seed % sentences.length]!;
  const filler = generateText(source.seed, Math.max(0, source.size - opening.length));
  return source.html ? html(opening, filler, source.inlineIds) : `${opening}\r\n\r\n${filler}`;
}

function html(opening: string, filler: string, inlineIds: readonly string[]): string {
  let text = `<html><head>\r\n<style type="text/css">p { margin: 0 }</style>\r\n</head><body>\r\n<p>${opening}</p>\r\n`;
  for (const id of inlineIds) text += `<p><img src="cid:${id}" alt="a &amp; b"></p>\r\n`;
  for (let at = 0; at < filler.length; at += PARAGRAPH) text += `<p>${filler.slice(at, at + PARAGRAPH)}</p>\r\n`;
  return `${text}</body></html>\r\n`;
}
