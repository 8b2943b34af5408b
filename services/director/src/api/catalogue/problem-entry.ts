import type { FailureKind } from '@backhaul/domain';

/** One code the API can answer with: kind (it decides status and title), what it means, what to do about it. */
export type ProblemEntry = readonly [kind: FailureKind, meaning: string, remedy: string];

export type ProblemEntries = Readonly<Record<string, ProblemEntry>>;
