import type { Loan, LoanAnswer, LoanRequest } from '@backhaul/dispatch';
import { failureRecord, Secret, toFailure, type Failure, type FailureRecord } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import { isUuid } from '../database/uuid.ts';
import { findBorrower, markStarted, refusalReason, type Borrower } from './borrower.store.ts';

export interface LendingOptions {
  database: DataSource;
  /** A Graph token for the tenant. @throws Failure */
  tokenSourceOf(tenantId: string): Promise<Loan['graph']>;
  /** Where the repository lies and its data keys. @throws Failure */
  repositoryAccessOf(repositoryId: string): Promise<Loan['repository']>;
  /** An attempt that must not begin, because what it needs cannot be lent; end it with this failure. */
  onHopeless(attempt: { taskId: string; fence: number }, failure: FailureRecord): Promise<void>;
}

/**
 * Answers "may I start, and with what?": PostgreSQL says whether the fence is running, held by the asker's very process
 * and not to be cancelled; then token and keys are lent. The first answer of an attempt is what allows its work to begin,
 * so an attempt that asks in vain for the first time can be ended at once.
 */
export async function answerLoan(
  options: LendingOptions,
  request: LoanRequest,
  borrowerId: string,
): Promise<LoanAnswer> {
  const { database } = options;
  if (!isUuid(request.taskId) || !isUuid(borrowerId)) return refused('The request names no task of ours.');
  const borrower = await findBorrower(database, request, borrowerId);
  if (borrower === null) return refused(await refusalReason(database, request, borrowerId));
  try {
    const loan = await fetchLoan(options, borrower);
    // Looked at once more: fetching may have taken long, and the fence may have been lost meanwhile.
    if (!(await markStarted(database, request, borrowerId))) return refused('The attempt has ended.');
    return { granted: true, loan: new Secret(loan) };
  } catch (error) {
    const failure = toFailure(error);
    if (!borrower.hasStarted) await options.onHopeless(request, failureRecord(failure));
    return refused(explain(failure));
  }
}

async function fetchLoan(options: LendingOptions, borrower: Borrower): Promise<Loan> {
  const [graph, repository] = await Promise.all([
    options.tokenSourceOf(borrower.tenantId),
    options.repositoryAccessOf(borrower.repositoryId),
  ]);
  return { graph, repository, jobName: borrower.jobName, tenantName: borrower.tenantName };
}

function refused(reason: string): LoanAnswer {
  return { granted: false, reason };
}

function explain(failure: Failure): string {
  return failure.hint === undefined ? failure.message : `${failure.message} ${failure.hint}`;
}
