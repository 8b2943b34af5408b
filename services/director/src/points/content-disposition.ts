/** Longest name in characters; file systems end at 255 bytes. */
const MAX_NAME = 100;

/**
 * `Content-Disposition` of a download (RFC 6266): always an attachment. The name is made safe for file systems and
 * headers; the plain form is ASCII, the extended one (RFC 8187) holds what the name really says.
 */
export function contentDisposition(name: string): string {
  const extension = /\.[a-z0-9]{1,5}$/.exec(name)?.[0] ?? '';
  const safe = [...name.slice(0, name.length - extension.length).normalize('NFC')]
    .map((letter) => (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}"*/:<>?\\|]/u.test(letter) ? '_' : letter))
    .slice(0, MAX_NAME)
    .join('')
    .replace(/^[\s.]+|[\s.]+$/g, '');
  const whole = `${safe === '' ? 'file' : safe}${extension}`;
  const ascii = whole.replace(/[^\x20-\x7e]/g, '_');
  const extended = encodeURIComponent(whole).replace(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${extended}`;
}
