import { createHash } from 'node:crypto';

/** Characters that OneDrive takes in no name. */
// Control characters are among them.
// eslint-disable-next-line no-control-regex
const REFUSED = /["*:<>?/\\|\u0000-\u001f]/g;
const RESERVED = /^(\.lock|desktop\.ini|(con|prn|aux|nul|com\d|lpt\d)(\..*)?)$/i;

/**
 * The name as OneDrive takes it: unchanged, unless today's rules refuse it. What is refused becomes `_`, so that the name can
 * still be recognised.
 */
export function acceptedName(name: string): string {
  const plain = name
    .replace(REFUSED, '_')
    .replace(/_vti_/gi, '_vti-')
    .replace(/^~\$/, '_$')
    .replace(/^ +|[ .]+$/g, (edge) => '_'.repeat(edge.length));
  return plain === '' || RESERVED.test(plain) ? `_${plain}` : plain;
}

/** The name beside one that is taken; the same for every attempt of one restore, and another one for another restore. */
export function nameBeside(name: string, restoreId: string): string {
  return inserted(name, `restored ${tagOf(restoreId)}`);
}

/** The name a file has while its versions are written. */
export function nameMeanwhile(name: string, restoreId: string): string {
  return inserted(name, `being restored ${tagOf(restoreId)}`);
}

function inserted(name: string, remark: string): string {
  const dot = name.lastIndexOf('.');
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  return `${stem} (${remark})${extension}`;
}

function tagOf(restoreId: string): string {
  return createHash('sha256').update(restoreId).digest('hex').slice(0, 8);
}
