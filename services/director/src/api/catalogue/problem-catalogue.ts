import { STATUS_OF, STATUS_OF_CODE } from '../problem.ts';
import { MICROSOFT_PROBLEMS } from './microsoft-problems.ts';
import type { ProblemEntries } from './problem-entry.ts';
import { PROTECTION_PROBLEMS } from './protection-problems.ts';
import { REPOSITORY_PROBLEMS } from './repository-problems.ts';
import { REQUEST_PROBLEMS } from './request-problems.ts';
import { TENANT_PROBLEMS } from './tenant-problems.ts';

/** The chapters of the catalogue. */
export const PROBLEM_CHAPTERS: Readonly<Record<string, ProblemEntries>> = {
  'Requests, access and the Director': REQUEST_PROBLEMS,
  'Jobs, runs, points, restores, Transporters': PROTECTION_PROBLEMS,
  Repositories: REPOSITORY_PROBLEMS,
  'Tenants and Microsoft 365': { ...TENANT_PROBLEMS, ...MICROSOFT_PROBLEMS },
};

/** Every code that the API can answer with; `docs/api-errors.md` is printed from it. */
export const PROBLEM_CATALOGUE: ProblemEntries = Object.assign(
  {},
  ...Object.values(PROBLEM_CHAPTERS),
) as ProblemEntries;

/** Status and title that a code of the catalogue comes with; null for a code that is not in it. */
export function promisedStatus(code: string): { status: number; title: string } | null {
  const kind = PROBLEM_CATALOGUE[code]?.[0];
  if (kind === undefined) return null;
  const [status, title] = STATUS_OF[kind];
  return { status: STATUS_OF_CODE[code] ?? status, title };
}
