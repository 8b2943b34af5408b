import { firstDifference, type Comparison, type Difference } from './difference.ts';

/** Compares two collections without regard to order: everything expected is there as often as expected, and nothing else. */
export function compareMultisets(object: string, expected: readonly object[], actual: readonly object[]): Comparison {
  const differences: Difference[] = [];
  const left = new Map<string, object[]>();
  for (const one of actual) {
    const key = JSON.stringify(one);
    left.set(key, [...(left.get(key) ?? []), one]);
  }
  const missing = expected.filter((one) => left.get(JSON.stringify(one))?.pop() === undefined);
  const surplus = [...left.values()].flat();
  for (const one of missing) {
    const nearest = surplus.find((other) => titleOf(other) === titleOf(one));
    const problem = nearest === undefined ? 'was not restored' : `differs: ${firstDifference(one, nearest)}`;
    differences.push({ object, item: titleOf(one), problem });
  }
  if (missing.length === 0) {
    for (const one of surplus) differences.push({ object, item: titleOf(one), problem: 'is there once too often' });
  }
  return { items: expected.length, folders: 0, bytes: 0, differences };
}

function titleOf(one: object): string {
  const { subject, fields, path } = one as { subject?: string; fields?: { displayName?: string }; path?: string[] };
  return subject ?? fields?.displayName ?? path?.join('/') ?? '';
}
