/**
 * Parses JSON as Graph sends it: strings may hold raw control characters, which strict parsers refuse.
 * @throws SyntaxError when it is no JSON otherwise either, for example because the end is missing.
 */
export function parseTolerantly(body: Buffer): unknown {
  const text = body.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return JSON.parse(text.replace(STRING_LITERAL, escapeControls));
  }
}

const STRING_LITERAL = /"[^"\\]*(?:\\[^][^"\\]*)*"/g;
// Looking for control characters is the purpose here.
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f]/g;

function escapeControls(literal: string): string {
  return literal.replace(CONTROL, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
