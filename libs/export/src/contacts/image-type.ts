const SIGNATURES: readonly [type: string, signature: string][] = [
  ['JPEG', 'ffd8ff'],
  ['PNG', '89504e470d0a1a0a'],
  ['GIF', '474946'],
  ['BMP', '424d'],
];

/** What kind of image these bytes are, as vCard names it; null for one that is not known. */
export function imageType(bytes: Uint8Array): string | null {
  const start = Buffer.from(bytes.subarray(0, 8)).toString('hex');
  return SIGNATURES.find(([, signature]) => start.startsWith(signature))?.[0] ?? null;
}
