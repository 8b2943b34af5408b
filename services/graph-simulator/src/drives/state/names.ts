/** What no name of a file or folder may hold. */
const INVALID = /["*:<>?/\\|\p{Cc}]/u;
const RESERVED = /^(\.lock|con|prn|aux|nul|com\d|lpt\d|desktop\.ini)$/i;
/** Characters of the decoded path from the root, its slashes included. */
const PATH_MOST = 400;
const NAME_MOST = 255;

/** Why a name cannot be given to an item, or null. See the names and paths that SharePoint does not take. */
export function nameProblem(name: string): string | null {
  if (name === '' || name === '.' || name === '..') return 'The name is empty.';
  if (name.length > NAME_MOST) return 'The name is too long.';
  if (INVALID.test(name)) return 'The name contains characters that are not allowed.';
  if (name.startsWith(' ') || name.endsWith(' ')) return 'The name begins or ends with a space.';
  if (name.endsWith('.')) return 'The name ends with a period.';
  if (name.startsWith('~$') || name.toLowerCase().includes('_vti_') || RESERVED.test(name)) {
    return 'The name is reserved.';
  }
  return null;
}

/** Whether the path of names from the root down is longer than SharePoint takes. */
export function isPathTooLong(names: readonly string[]): boolean {
  return names.reduce((sum, name) => sum + name.length + 1, 0) > PATH_MOST;
}

/** Names that are equal in this form cannot be in one folder: case does not tell them apart, normalization does. */
export function sameName(name: string): string {
  return name.toLowerCase();
}

/** The next free name as OneDrive makes it: `a.txt`, `a 1.txt`, `a 2.txt`. */
export function freeName(name: string, isTaken: (name: string) => boolean): string {
  const dot = name.lastIndexOf('.');
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  for (let number = 1; ; number++) {
    const candidate = `${stem} ${number}${extension}`;
    if (!isTaken(candidate)) return candidate;
  }
}
