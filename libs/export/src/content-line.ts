/** A property as jCal and jCard write it (RFC 7265, RFC 7095): name, parameters, type of value, values. */
export type Property = [
  name: string,
  parameters: Record<string, string | string[]>,
  type: string,
  ...values: unknown[],
];

/** A component as jCal writes it: name, properties, components within. */
export type Component = [name: string, properties: Property[], components: Component[]];

/** Text that a content line can hold: line ends as LF, nothing else of what ends or hides lines. */
export function plainText(text: string | null | undefined): string {
  return (text ?? '')
    .toWellFormed()
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, '\n')
    .replace(/[^\P{Cc}\n\t]/gu, '');
}

/** {@link plainText} for what has one line only: parameters, addresses, numbers. */
export function plainLine(text: string | null | undefined): string {
  return plainText(text).replace(/\s+/g, ' ').trim();
}

/** `mailto:` and the address; characters that no address has are encoded. */
export function mailto(address: string): string {
  return `mailto:${plainLine(address).replace(/[\s"\\<>^`{|}]/g, encodeURIComponent)}`;
}
