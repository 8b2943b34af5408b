/** How many of `total` things the `at`-th of `count` gets; shares differ by one at most. */
export function shareOf(total: number, count: number, at: number): number {
  return Math.floor(total / count) + (at < total % count ? 1 : 0);
}
