/** Runs pieces of work, at most so many at the same time, in the order in which they came. */
export interface Limiter {
  <T>(work: () => Promise<T>): Promise<T>;
}

/** A {@link Limiter} that lets `limit` pieces of work be under way at once. */
export function limiter(limit: number): Limiter {
  let free = Math.max(1, limit);
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

/**
 * Works through `items` with `limit` of them under way at once. After the first error no further item is begun; it is
 * thrown once those under way have ended, so that nothing goes on behind the caller's back.
 */
export async function forEachLimited<T>(
  items: AsyncIterable<T> | Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  let failed: { error: unknown } | null = null;
  const start = (item: T) => {
    const done = work(item)
      .catch((error: unknown) => {
        failed ??= { error };
      })
      .finally(() => underWay.delete(done));
    underWay.add(done);
  };
  const firstFailure = () => failed;
  try {
    for await (const item of items) {
      if (firstFailure() !== null) break;
      start(item);
      if (underWay.size >= limit) await Promise.race(underWay);
    }
  } catch (error) {
    failed ??= { error };
  }
  await Promise.all(underWay);
  const failure = firstFailure();
  if (failure !== null) throw failure.error;
}

/** Runs work under the same key one after the other, in the order in which it came; under different keys side by side. */
export function oneAfterTheOther(): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const latest = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const before = latest.get(key) ?? Promise.resolve();
    const done = before.then(work, work);
    latest.set(key, done);
    try {
      return await done;
    } finally {
      if (latest.get(key) === done) latest.delete(key);
    }
  };
}
