/** One state that something had from `since` (a number of the tenant's sequence) on; null: it was gone. */
export interface Version<State> {
  since: number;
  state: State | null;
}

/** The state at a mark: a mark is the number of the last event that counts. */
export function stateAt<State>(versions: readonly Version<State>[], mark: number): State | null {
  for (let at = versions.length - 1; at >= 0; at--) {
    const version = versions[at]!;
    if (version.since <= mark) return version.state;
  }
  return null;
}

/** Something with this key changed, came or went at this number of the sequence. */
export interface Change {
  seq: number;
  key: number;
}

/** Keys that changed in `(after, upTo]`, each once, at the place of its last change. */
export function changedKeys(changes: readonly Change[], after: number, upTo: number): number[] {
  let from = changes.length;
  while (from > 0 && changes[from - 1]!.seq > after) from--;
  const last = new Map<number, number>();
  for (let at = from; at < changes.length && changes[at]!.seq <= upTo; at++) {
    const { key, seq } = changes[at]!;
    last.delete(key);
    last.set(key, seq);
  }
  return [...last.keys()];
}
