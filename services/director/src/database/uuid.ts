const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** True when `text` is an id as we make them; what comes over the wire may be anything that fits into a subject. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
