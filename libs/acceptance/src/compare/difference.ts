/** One thing that is not as the tenant's own truth says. */
export interface Difference {
  /** Principal name of the user whose mailbox or drive it is. */
  object: string;
  /** Id of the item or folder; `''` for the object itself. */
  item: string;
  problem: string;
}

/** What a comparison has looked at, and what it found. */
export interface Comparison {
  items: number;
  folders: number;
  /** Bytes of content read for it. */
  bytes: number;
  differences: Difference[];
}

/** Notes a difference of an item. */
export type Report = (item: string, problem: string) => void;

/** Several comparisons as one. */
export function sumComparisons(comparisons: Comparison[]): Comparison {
  return {
    items: comparisons.reduce((sum, one) => sum + one.items, 0),
    folders: comparisons.reduce((sum, one) => sum + one.folders, 0),
    bytes: comparisons.reduce((sum, one) => sum + one.bytes, 0),
    differences: comparisons.flatMap((one) => one.differences),
  };
}

/** Where two forms first differ, for a person. */
export function firstDifference(expected: unknown, actual: unknown): string {
  if (typeof expected !== 'object' || expected === null || typeof actual !== 'object' || actual === null) {
    return `${shown(actual)} instead of ${shown(expected)}`;
  }
  for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const [left, right] = [(expected as Record<string, unknown>)[key], (actual as Record<string, unknown>)[key]];
    if (JSON.stringify(left) !== JSON.stringify(right)) return `${key}: ${firstDifference(left, right)}`;
  }
  return 'only in the order of members';
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
