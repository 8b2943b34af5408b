import { randomUUID } from 'node:crypto';
import { Failure, failureRecord, toFailure, type Clock, type FailureRecord } from '@backhaul/domain';
import type { CheckReport } from '@backhaul/repository';
import type { OpenRepositories } from './open-repositories.ts';

/** A check of a repository, running or ended. */
export interface RepositoryCheck {
  id: string;
  repositoryId: string;
  /** True when all data is read, not only structure. */
  data: boolean;
  state: 'running' | 'ended';
  startedAt: Date;
  endedAt: Date | null;
  progress: { done: number; total: number };
  report: CheckReport | null;
  /** Why it could not be made; damage that was found stands in the report. */
  failure: FailureRecord | null;
}

/** Ended checks that are remembered. */
const KEPT = 50;

/** The checks of this process. They are not stored: after a restart a check is simply made again. */
export class RepositoryChecks {
  readonly #repositories: OpenRepositories;
  readonly #clock: Clock;
  readonly #checks = new Map<string, RepositoryCheck>();

  constructor(repositories: OpenRepositories, clock: Clock) {
    this.#repositories = repositories;
    this.#clock = clock;
  }

  /** Begins a check in the background. @throws Failure `not-found`; `conflict` while one of the same repository runs. */
  async start(repositoryId: string, data: boolean): Promise<RepositoryCheck> {
    const repository = await this.#repositories.get(repositoryId);
    if ([...this.#checks.values()].some((known) => known.repositoryId === repositoryId && known.state === 'running')) {
      throw new Failure('conflict', {
        code: 'repository.check-running',
        message: 'This repository is being checked.',
        hint: 'Wait for the check to end.',
        retry: 'later',
      });
    }
    const check: RepositoryCheck = {
      id: randomUUID(),
      repositoryId,
      data,
      state: 'running',
      startedAt: this.#clock.now(),
      endedAt: null,
      progress: { done: 0, total: 0 },
      report: null,
      failure: null,
    };
    this.#keep(check);
    void repository
      .check({ data, onProgress: (progress) => (check.progress = { ...progress }) })
      .then(
        (report) => (check.report = report),
        (error: unknown) => (check.failure = failureRecord(toFailure(error))),
      )
      .finally(() => {
        check.state = 'ended';
        check.endedAt = this.#clock.now();
      });
    return check;
  }

  /** @throws Failure `not-found`. */
  read(repositoryId: string, checkId: string): RepositoryCheck {
    const check = this.#checks.get(checkId);
    if (check?.repositoryId === repositoryId) return check;
    throw new Failure('not-found', {
      code: 'repository.check-not-found',
      message: 'There is no such check.',
      hint: 'Checks are forgotten when the Director restarts; start another.',
      retry: 'never',
    });
  }

  #keep(check: RepositoryCheck): void {
    this.#checks.set(check.id, check);
    const ended = [...this.#checks.values()].filter((known) => known.state === 'ended');
    for (const old of ended.slice(0, Math.max(0, ended.length - KEPT))) this.#checks.delete(old.id);
  }
}
