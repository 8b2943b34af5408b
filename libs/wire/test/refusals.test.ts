import { create, fromBinary, toBinary, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import { describe, expect, test } from '@jest/globals';
import { isFailure, MAX_ISSUES } from '@backhaul/domain';
import { encodeLeaseValue, encodeProgressEvent, encodeResultMessage, encodeTaskMessage } from '../src/index.ts';
import { ControlSchema } from '../src/generated/backhaul/dispatch/v1/control_pb.ts';
import { LeaseValueSchema } from '../src/generated/backhaul/dispatch/v1/lease_pb.ts';
import { LoanReplySchema, LoanSchema } from '../src/generated/backhaul/dispatch/v1/loan_pb.ts';
import { TaskProgressSchema } from '../src/generated/backhaul/dispatch/v1/progress_pb.ts';
import { TaskResultSchema } from '../src/generated/backhaul/dispatch/v1/result_pb.ts';
import { TaskOfferSchema } from '../src/generated/backhaul/dispatch/v1/task_pb.ts';
import { WantSchema } from '../src/generated/backhaul/dispatch/v1/want_pb.ts';
import { formatOf, samples } from '../testing/index.ts';

describe('what was received and cannot be meant is refused with the name of the field', () => {
  test.each([
    spoiled('lease', LeaseValueSchema, 'a state of a newer release', 'wire.unknown-value', 'LeaseValue.state', (m) => {
      m.state = 99 as typeof m.state;
    }),
    spoiled('lease', LeaseValueSchema, 'no state', 'wire.unknown-value', 'LeaseValue.state', (m) => {
      m.state = 0;
    }),
    spoiled('lease', LeaseValueSchema, 'no fence', 'wire.missing-field', 'LeaseValue.fence', (m) => {
      m.fence = 0n;
    }),
    spoiled('lease', LeaseValueSchema, 'an uncountable fence', 'wire.out-of-range', 'LeaseValue.fence', (m) => {
      m.fence = 2n ** 63n;
    }),
    spoiled('lease', LeaseValueSchema, 'an id with a dot', 'wire.invalid-id', 'LeaseValue.task_id', (m) => {
      m.taskId = 'a.b';
    }),
    spoiled('lease', LeaseValueSchema, 'an id that is a wildcard', 'wire.invalid-id', 'LeaseValue.boot', (m) => {
      m.boot = '*';
    }),
    spoiled('lease', LeaseValueSchema, 'an endless id', 'wire.invalid-id', 'LeaseValue.transporter_id', (m) => {
      m.transporterId = 'x'.repeat(129);
    }),
    spoiled('task-backup', TaskOfferSchema, 'no work', 'wire.missing-field', 'TaskSpec.work', (m) => {
      m.spec!.work = { case: undefined };
    }),
    spoiled('task-backup', TaskOfferSchema, 'no object', 'wire.missing-field', 'TaskSpec.object', (m) => {
      delete m.spec!.object;
    }),
    spoiled('task-backup', TaskOfferSchema, 'revision 0', 'wire.out-of-range', 'TaskOffer.lease_revision', (m) => {
      m.leaseRevision = 0n;
    }),
    spoiled('task-restore', TaskOfferSchema, 'no placement', 'wire.missing-field', 'RestoreWork.placement', (m) => {
      if (m.spec?.work.case === 'restore') delete m.spec.work.value.placement;
    }),
    spoiled('task-restore', TaskOfferSchema, 'no rule', 'wire.unknown-value', 'RestoreWork.collision', (m) => {
      if (m.spec?.work.case === 'restore') m.spec.work.value.collision = 0;
    }),
    spoiled('result', TaskResultSchema, 'no counts', 'wire.missing-field', 'TaskResult.counts', (m) => {
      delete m.counts;
    }),
    spoiled('result', TaskResultSchema, 'a time that is none', 'wire.out-of-range', 'PointSummary.created_at', (m) => {
      m.point!.createdAt = 'yesterday';
    }),
    spoiled('result', TaskResultSchema, 'too many issues', 'wire.out-of-range', 'TaskResult.issues', (m) => {
      m.issues = Array.from({ length: MAX_ISSUES + 1 }, () => m.issues[0]!);
    }),
    spoiled('progress', TaskProgressSchema, 'no phase', 'wire.unknown-value', 'TaskProgress.phase', (m) => {
      m.phase = 0;
    }),
    spoiled('want', WantSchema, 'no reach', 'wire.missing-field', 'Want.reach', (m) => {
      m.reach = { case: undefined };
    }),
    spoiled('control-drain', ControlSchema, 'nothing to do', 'wire.missing-field', 'Control.control', (m) => {
      m.control = { case: undefined };
    }),
    spoiled('loan', LoanSchema, 'no location', 'wire.missing-field', 'Loan.repository.location', (m) => {
      m.repository!.location = { case: undefined };
    }),
    spoiled('loan', LoanSchema, 'no token', 'wire.missing-field', 'Loan.graph.access_token', (m) => {
      m.graph!.accessToken = '';
    }),
    spoiled('loan-reply-granted', LoanReplySchema, 'no answer', 'wire.missing-field', 'LoanReply.reply', (m) => {
      m.reply = { case: undefined };
    }),
  ])('$what ($field)', ({ read, code, field }) => {
    expect(refusalOf(read)).toEqual({ code, field });
  });
});

describe('what cannot be said is refused before it is sent', () => {
  test.each([
    ['a negative fence', () => encodeLeaseValue({ ...samples.lease, fence: -1 }), 'LeaseValue.fence'],
    ['half a fence', () => encodeLeaseValue({ ...samples.lease, fence: 1.5 }), 'LeaseValue.fence'],
    [
      'a count that is none',
      () => encodeProgressEvent({ ...samples.progress, counts: { ...samples.progress.counts, requests: NaN } }),
      'TaskProgress.counts.requests',
    ],
    ['slot -1', () => encodeTaskMessage({ ...samples['task-backup'], slot: -1 }), 'TaskOffer.slot'],
    [
      'more issues than a result may list',
      () => encodeResultMessage({ ...samples.result, issues: Array(MAX_ISSUES + 1).fill(samples.result.issues[0]) }),
      'TaskResult.issues',
    ],
  ])('%s', (_what, encode, field) => {
    expect(refusalOf(encode)).toEqual({ code: 'wire.out-of-range', field });
  });

  test('a restore of more items than fit into a message', () => {
    const items = Array.from({ length: 20_000 }, (_, n) => ({ folderId: 'AAMkAGI2', itemId: `AAMkAGI2THVSAAA${n}` }));
    const { spec, ...offer } = samples['task-restore'];
    const work = { ...spec.work, selection: { type: 'items' as const, items } };
    expect(refusalOf(() => encodeTaskMessage({ ...offer, spec: { ...spec, work } }))?.code).toBe('wire.too-large');
  });

  test('a refusal of a loan never quotes what is lent', () => {
    const loan = { ...samples.loan, graph: { ...samples.loan.graph, accessToken: 'hush', expiresAt: 'hush' } };
    const { encode, decode } = formatOf('loan');
    const failure = failureOf(() => decode(encode(loan)));
    expect(JSON.stringify([failure?.message, failure?.where, failure?.hint])).not.toContain('hush');
  });
});

/** A case: a good sample with one thing made wrong. */
function spoiled<Desc extends DescMessage>(
  sample: keyof typeof samples,
  schema: Desc,
  what: string,
  code: string,
  field: string,
  spoil: (message: MessageShape<Desc>) => void,
) {
  const { encode, decode } = formatOf(sample);
  const message = fromBinary(schema, encode(samples[sample]));
  spoil(message);
  const bytes = toBinary(schema, create(schema, message as never));
  return { what: `${sample}: ${what}`, code, field, read: () => decode(bytes) };
}

function failureOf(action: () => unknown) {
  try {
    action();
  } catch (error) {
    if (isFailure(error, 'invalid-input')) return error;
    throw error;
  }
  return null;
}

function refusalOf(action: () => unknown) {
  const failure = failureOf(action);
  return failure && { code: failure.code, field: failure.where['field'] };
}
