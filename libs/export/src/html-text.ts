/** Elements whose content nobody reads. */
const UNREAD = new Set(['head', 'style', 'script', 'title', 'template', 'noscript', 'iframe', 'object', 'svg', 'math']);
/** Elements that begin a new line. */
const LINES = new Set([
  'br',
  'p',
  'div',
  'tr',
  'li',
  'ul',
  'ol',
  'table',
  'blockquote',
  'pre',
  'hr',
  'h1',
  'h2',
  'h3',
  'h4',
]);
const NAMED = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', '\u00a0'],
]);

/**
 * What a person reads in HTML, as plain text: for programs that show nothing else. Not a sanitizer, and no loss: whoever
 * gets the text gets the HTML beside it. Takes time in proportion to the length, whatever the HTML is.
 */
export function textOfHtml(html: string): string {
  const pieces: string[] = [];
  const lower = html.toLowerCase();
  for (let at = 0; at < html.length;) {
    const open = html.indexOf('<', at);
    pieces.push(readable(html.slice(at, open < 0 ? undefined : open)));
    if (open < 0) break;
    const [, slash = '', name = ''] = /^(\/?)([a-z][a-z0-9]*)/.exec(lower.slice(open + 1, open + 20)) ?? [];
    if (LINES.has(name)) pieces.push('\n');
    if (lower.startsWith('<!--', open)) at = behind(lower, '-->', open);
    else if (slash === '' && UNREAD.has(name)) at = behind(lower, '>', behind(lower, `</${name}`, open) - 1);
    else if (name === '' && slash === '' && html[open + 1] !== '!') {
      // A lone `<` is text.
      pieces.push('<');
      at = open + 1;
    } else at = behind(lower, '>', open);
  }
  return pieces
    .join('')
    .replace(/[^\S\n]*\n[^\S\n]*/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** The place behind the next `mark`; the end where there is none. */
function behind(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length : found + mark.length;
}

function readable(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{2,8}));/gi, (whole, decimal, hex, name) => {
      if (name !== undefined) return NAMED.get(String(name).toLowerCase()) ?? String(whole);
      const code = decimal === undefined ? Number.parseInt(String(hex), 16) : Number(decimal);
      return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000) ? String.fromCodePoint(code) : '\ufffd';
    });
}
