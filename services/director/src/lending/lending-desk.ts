import type { Loan, LoanAnswer, LoanRequest } from '@backhaul/dispatch';
import { failureRecord, Secret, toFailure, type Failure, type FailureRecord } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import { isUuid } from '../database/uuid.ts';
import { findBorrower, markStarted, refusalReason, type Borrower } from './borrower.store.ts';
import type { GraphTokens } from './graph-tokens.ts';

export interface LendingOptions {
  database: DataSource;
  tokens: GraphTokens;
  /** Where the repository lies and its data keys. @throws Failure */
  repositoryAccessOf(repositoryId: string): Promise<Loan['repository']>;
  /** An attempt that must not begin, because what it needs cannot be lent; end it with this failure. */
  onHopeless(attempt: { taskId: string; fence: number }, failure: FailureRecord): Promise<void>;
}

/**
 * Answers "may I start, and with what?": PostgreSQL says whether the fence is running, held by the asker's very process
 * and not to be cancelled; then token and keys are lent. The first answer of an attempt is what allows its work to begin,
 * so an attempt that asks in vain for the first time can be ended at once. One that is at work goes on asking while its
 * lease lives, where that may help.
 * @throws Failure what cannot be lent at the moment to an attempt that is at work: give no answer.
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
    const loan = await fetchLoan(options, borrower, request);
    // Looked at once more: fetching may have taken long, and the fence may have been lost meanwhile.
    if (!(await markStarted(database, request, borrowerId))) return refused('The attempt has ended.');
    return { granted: true, loan: new Secret(loan) };
  } catch (error) {
    const failure = toFailure(error);
    if (borrower.hasStarted && failure.retry !== 'never') throw failure;
    if (!borrower.hasStarted) await options.onHopeless(request, failureRecord(failure));
    return refused(explain(failure));
  }
}

async function fetchLoan(options: LendingOptions, borrower: Borrower, request: LoanRequest): Promise<Loan> {
  const [graph, repository] = await Promise.all([
    options.tokens.token(borrower.tenantId, { wasRefused: request.tokenRefused }),
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
