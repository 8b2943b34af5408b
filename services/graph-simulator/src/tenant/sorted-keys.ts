/** Inserts a key into an ascending list; a key that is there already stays once. */
export function insertKey(keys: number[], key: number): void {
  if (keys.length === 0 || keys[keys.length - 1]! < key) {
    keys.push(key);
    return;
  }
  const at = firstNotBelow(keys, key);
  if (keys[at] !== key) keys.splice(at, 0, key);
}

export function removeKey(keys: number[], key: number): void {
  const at = firstNotBelow(keys, key);
  if (keys[at] === key) keys.splice(at, 1);
}

/** Index of the first entry that is `key` or greater. */
export function firstNotBelow(keys: readonly number[], key: number): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
