/** How a message's MIME looks. It decides about form only: every rendering of a content parses back to the same content. */
export interface Rendering {
  /** How text outside ASCII stands in headers: encoded words of RFC 2047 (`q`, `b`), or bare 8-bit bytes. */
  headers: 'q' | 'b' | 'raw-utf8' | 'raw-latin1';
  /** How attachment names outside ASCII are written: RFC 2231, RFC 2231 in pieces, RFC 2047 in quotes, or bare UTF-8. */
  names: 'rfc2231' | 'rfc2231-pieces' | 'rfc2047' | 'raw-utf8';
  charset: 'utf-8' | 'iso-8859-1' | 'windows-1252' | 'utf-16';
  /** `8bit` is used only where lines and characters allow it. */
  encoding: 'quoted-printable' | 'base64' | '8bit';
  /** An HTML body is accompanied by a plain-text one in multipart/alternative. */
  alternative: boolean;
  /** Levels of multipart/mixed around the attachments. */
  nesting: number;
  /** Several lines of the same header, also of `Subject` and `To` (the first one counts). */
  duplicateHeaders: boolean;
}

/** The rendering that Exchange itself prefers; posted messages get it. */
export const PLAIN_RENDERING: Rendering = {
  headers: 'q',
  names: 'rfc2231',
  charset: 'utf-8',
  encoding: 'quoted-printable',
  alternative: false,
  nesting: 1,
  duplicateHeaders: false,
};
