import { MAX_ISSUES, type ItemIssue, type PointSummary, type TaskResult } from '@backhaul/domain';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { countsFromWire, countsToWire } from './counts.ts';
import { failureFromWire, failureToWire } from './failure-record.ts';
import { fenceFromWire, fromUint64, id, present, refusedField, toUint64, utcTime } from './field.ts';
import {
  IssueResult as WireIssueResult,
  type ItemIssue as WireItemIssue,
  type ItemIssueSchema,
  PointStatus as WirePointStatus,
  type PointSummary as WirePointSummary,
  type PointSummarySchema,
  ReportedOutcome as WireReportedOutcome,
  TaskResultSchema,
} from './generated/backhaul/dispatch/v1/result_pb.ts';
import { fromBytes, toBytes, type MessageKind } from './message-bytes.ts';
import { itemKinds } from './protected-object.ts';
import { wordTable } from './word-table.ts';

const KIND: MessageKind<typeof TaskResultSchema> = { schema: TaskResultSchema, maxBytes: 768 * 1024 };

const outcomes = wordTable<TaskResult['outcome'], WireReportedOutcome>({
  succeeded: WireReportedOutcome.SUCCEEDED,
  warning: WireReportedOutcome.WARNING,
  failed: WireReportedOutcome.FAILED,
  cancelled: WireReportedOutcome.CANCELLED,
  yielded: WireReportedOutcome.YIELDED,
  refused: WireReportedOutcome.REFUSED,
});

const issueResults = wordTable<ItemIssue['result'], WireIssueResult>({
  skipped: WireIssueResult.SKIPPED,
  degraded: WireIssueResult.DEGRADED,
  failed: WireIssueResult.FAILED,
});

const pointStatuses = wordTable<PointSummary['status'], WirePointStatus>({
  complete: WirePointStatus.COMPLETE,
  incomplete: WirePointStatus.INCOMPLETE,
});

/** @throws Failure `invalid-input`, `wire.out-of-range` for more than {@link MAX_ISSUES} issues, `wire.too-large`. */
export function encodeResultMessage(result: TaskResult): Uint8Array {
  refuseTooManyIssues(result.issues.length);
  return toBytes(KIND, {
    taskId: result.taskId,
    fence: toUint64(result.fence, 'TaskResult.fence'),
    outcome: outcomes.toWire(result.outcome, 'TaskResult.outcome'),
    counts: countsToWire(result.counts, 'TaskResult.counts'),
    issues: result.issues.map(issueToWire),
    ...(result.failure && { failure: failureToWire(result.failure, 'TaskResult.failure') }),
    ...(result.point && { point: pointToWire(result.point) }),
    ...(result.notBeforeMs !== undefined && {
      notBeforeMs: toUint64(result.notBeforeMs, 'TaskResult.not_before_ms'),
    }),
    ...(result.leaseRevision !== undefined && {
      leaseRevision: toUint64(result.leaseRevision, 'TaskResult.lease_revision'),
    }),
  });
}

/** @throws Failure `invalid-input` with a `wire.` code and `where.field`. */
export function decodeResultMessage(bytes: Uint8Array): TaskResult {
  const wire = fromBytes(KIND, bytes);
  refuseTooManyIssues(wire.issues.length);
  return {
    taskId: id(wire.taskId, 'TaskResult.task_id'),
    fence: fenceFromWire(wire.fence, 'TaskResult.fence'),
    outcome: outcomes.fromWire(wire.outcome, 'TaskResult.outcome'),
    counts: countsFromWire(present(wire.counts, 'TaskResult.counts'), 'TaskResult.counts'),
    issues: wire.issues.map(issueFromWire),
    ...(wire.failure && { failure: failureFromWire(wire.failure, 'TaskResult.failure') }),
    ...(wire.point && { point: pointFromWire(wire.point) }),
    ...(wire.notBeforeMs !== undefined && { notBeforeMs: fromUint64(wire.notBeforeMs, 'TaskResult.not_before_ms') }),
    ...(wire.leaseRevision !== undefined && {
      leaseRevision: fromUint64(wire.leaseRevision, 'TaskResult.lease_revision'),
    }),
  };
}

function refuseTooManyIssues(count: number): void {
  if (count <= MAX_ISSUES) return;
  throw refusedField('wire.out-of-range', 'TaskResult.issues', `A result lists at most ${MAX_ISSUES} issues.`);
}

function issueToWire(issue: ItemIssue): MessageInitShape<typeof ItemIssueSchema> {
  return {
    itemId: issue.itemId,
    folderPath: issue.folderPath,
    result: issueResults.toWire(issue.result, 'ItemIssue.result'),
    failure: failureToWire(issue.failure, 'ItemIssue.failure'),
  };
}

function issueFromWire(wire: WireItemIssue): ItemIssue {
  return {
    itemId: wire.itemId,
    folderPath: wire.folderPath,
    result: issueResults.fromWire(wire.result, 'ItemIssue.result'),
    failure: failureFromWire(present(wire.failure, 'ItemIssue.failure'), 'ItemIssue.failure'),
  };
}

function pointToWire(point: PointSummary): MessageInitShape<typeof PointSummarySchema> {
  return {
    jobId: point.jobId,
    objectId: point.objectId,
    sequence: toUint64(point.sequence, 'PointSummary.sequence'),
    fence: toUint64(point.fence, 'PointSummary.fence'),
    status: pointStatuses.toWire(point.status, 'PointSummary.status'),
    kinds: point.kinds.map((kind) => itemKinds.toWire(kind, 'PointSummary.kinds')),
    createdAt: point.createdAt,
    itemCount: toUint64(point.itemCount, 'PointSummary.item_count'),
    bytesTotal: toUint64(point.bytesTotal, 'PointSummary.bytes_total'),
    bytesNew: toUint64(point.bytesNew, 'PointSummary.bytes_new'),
  };
}

function pointFromWire(wire: WirePointSummary): PointSummary {
  return {
    jobId: id(wire.jobId, 'PointSummary.job_id'),
    objectId: id(wire.objectId, 'PointSummary.object_id'),
    sequence: fromUint64(wire.sequence, 'PointSummary.sequence'),
    fence: fenceFromWire(wire.fence, 'PointSummary.fence'),
    status: pointStatuses.fromWire(wire.status, 'PointSummary.status'),
    kinds: wire.kinds.map((kind) => itemKinds.fromWire(kind, 'PointSummary.kinds')),
    createdAt: utcTime(wire.createdAt, 'PointSummary.created_at'),
    itemCount: fromUint64(wire.itemCount, 'PointSummary.item_count'),
    bytesTotal: fromUint64(wire.bytesTotal, 'PointSummary.bytes_total'),
    bytesNew: fromUint64(wire.bytesNew, 'PointSummary.bytes_new'),
  };
}
