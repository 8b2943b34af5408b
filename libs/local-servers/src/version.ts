/** A version as numbers, most significant first: `2.12.3` is [2, 12, 3]. */
export type Version = readonly number[];

/** The first dotted number in a text such as `nats-server: v2.15.1` or `18.4 (Debian)`; undefined without one. */
export function findVersion(text: string): Version | undefined {
  const found = /\d+(?:\.\d+)+/.exec(text);
  return found?.[0].split('.').map(Number);
}

/** True if `version` is `minimum` or later; missing parts count as 0. */
export function isAtLeast(version: Version, minimum: Version): boolean {
  for (let part = 0; part < Math.max(version.length, minimum.length); part += 1) {
    const difference = (version[part] ?? 0) - (minimum[part] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** `[2, 12, 3]` as `2.12.3`. */
export function versionText(version: Version): string {
  return version.join('.');
}
