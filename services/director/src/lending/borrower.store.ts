import type { LoanRequest } from '@backhaul/dispatch';
import { rows, type Executor } from '../database/statement.ts';

/** What a running attempt needs to be lent. */
export interface Borrower {
  tenantId: string;
  tenantName: string;
  repositoryId: string;
  /** Empty for a restore. */
  jobName: string;
  /** True when this attempt was allowed to begin before. */
  hasStarted: boolean;
}

/** The attempt, if it is running, held by this very process of the borrower, and not to be cancelled; else null. */
export async function findBorrower(on: Executor, request: LoanRequest, borrowerId: string): Promise<Borrower | null> {
  const [borrower] = await rows<Borrower>(
    on,
    `select object.tenant_id as "tenantId", tenant.name as "tenantName", task.repository_id as "repositoryId",
            coalesce(run.options ->> 'jobName', '') as "jobName", attempt.started_at is not null as "hasStarted"
       from tasks task
       join attempts attempt on attempt.fence = task.fence
       join runs run on run.id = task.run_id
       join protected_objects object on object.id = task.object_id
       join tenants tenant on tenant.id = object.tenant_id
       join transporters transporter on transporter.id = task.transporter_id and transporter.revoked_at is null
      where task.id = $1 and task.state = 'running' and task.fence = $2 and task.transporter_id = $3 and task.boot = $4
        and not task.cancel_requested`,
    [request.taskId, request.fence, borrowerId, request.boot],
  );
  return borrower ?? null;
}

/** Records when the attempt was allowed to begin. False when it has ended or is to be cancelled. */
export async function markStarted(on: Executor, request: LoanRequest, borrowerId: string): Promise<boolean> {
  const marked = await rows(
    on,
    `update attempts set started_at = coalesce(attempts.started_at, clock_timestamp())
       from tasks task
      where attempts.fence = $2 and task.id = attempts.task_id and task.id = $1 and task.state = 'running'
        and task.fence = $2 and task.transporter_id = $3 and task.boot = $4 and not task.cancel_requested
  returning attempts.fence`,
    [request.taskId, request.fence, borrowerId, request.boot],
  );
  return marked.length > 0;
}

/** Why nothing is lent, in a sentence for the Transporter's log. */
export async function refusalReason(on: Executor, request: LoanRequest, borrowerId: string): Promise<string> {
  const [task] = await rows<{ isRunning: boolean; isHolder: boolean; isCancelled: boolean; isRevoked: boolean }>(
    on,
    `select state = 'running' and fence = $2 as "isRunning",
            coalesce(transporter_id = $3 and boot = $4, false) as "isHolder", cancel_requested as "isCancelled",
            exists (select from transporters where id = $3 and revoked_at is not null) as "isRevoked"
       from tasks where id = $1`,
    [request.taskId, request.fence, borrowerId, request.boot],
  );
  if (task === undefined) return 'There is no such task.';
  if (task.isRevoked) return 'This Transporter was revoked.';
  if (!task.isRunning) return 'The attempt has ended.';
  if (!task.isHolder) return 'Another process holds this attempt.';
  return task.isCancelled ? 'The task is to be cancelled.' : 'The attempt has ended.';
}
