import type { Want } from '@backhaul/dispatch';

/**
 * Which process start of a Transporter gets offers. A restarted Transporter says its wants under a new boot; so does a
 * second living process that was given the same identity by mistake ("twin"). They are told apart by the first one's
 * silence: a new boot is followed once the old one has been silent for {@link BOOT_SILENCE_MS}, or said goodbye. An old boot
 * that is heard again beside another one makes the two twins: the one that was there first keeps its offers, the other gets
 * none, and people are told.
 */
export interface Followed {
  /** The last want of the boot that gets offers. */
  want: Want;
  heardAtMs: number;
  /** The other boot heard last; `isAlive` once both were heard in turn. */
  other: { boot: string; heardAtMs: number; isAlive: boolean } | null;
}

/** Three wants missed. */
export const BOOT_SILENCE_MS = 6_000;

/** What is followed after `want` was heard at `nowMs` (monotonic). */
export function followBoot(known: Followed | null, want: Want, nowMs: number): Followed {
  if (known === null) return { want, heardAtMs: nowMs, other: null };
  const other = known.other !== null && nowMs - known.other.heardAtMs <= BOOT_SILENCE_MS ? known.other : null;
  if (want.boot === known.want.boot) {
    return { want, heardAtMs: nowMs, other: other === null ? null : { ...other, isAlive: true } };
  }
  const isGone = nowMs - known.heardAtMs > BOOT_SILENCE_MS || hasSaidGoodbye(known.want);
  if (isGone) return { want, heardAtMs: nowMs, other: null };
  const wasAlive = other?.boot === want.boot && other.isAlive;
  return { ...known, other: { boot: want.boot, heardAtMs: nowMs, isAlive: wasAlive } };
}

/** True when two living processes claim one identity. */
export function hasTwin(followed: Followed, nowMs: number): boolean {
  const { other } = followed;
  return other !== null && other.isAlive && nowMs - other.heardAtMs <= BOOT_SILENCE_MS;
}

/** True when nothing was heard for so long that nothing is offered any more. */
export function isSilent(followed: Followed, nowMs: number): boolean {
  return nowMs - followed.heardAtMs > BOOT_SILENCE_MS;
}

/** The last thing that a process says which drains before it ends. */
function hasSaidGoodbye(want: Want): boolean {
  return want.draining && want.running.length === 0;
}
