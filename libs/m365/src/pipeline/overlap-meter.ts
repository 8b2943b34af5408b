import type { Clock } from '@backhaul/domain';

/** Measures for how long something was the case; a time during which it was so several times over counts once. */
export interface OverlapMeter {
  begin(): void;
  end(): void;
}

/** An {@link OverlapMeter} that tells of each stretch of time, in milliseconds, when it is over. */
export function overlapMeter(clock: Clock, onOver: (ms: number) => void): OverlapMeter {
  let depth = 0;
  let sinceMs = 0;
  return {
    begin() {
      if (depth === 0) sinceMs = clock.monotonicMs();
      depth += 1;
    },
    end() {
      depth -= 1;
      if (depth === 0) onOver(clock.monotonicMs() - sinceMs);
    },
  };
}
