import type { Fence } from '@backhaul/domain';
import { fenceFromWire, id, present, refusedField, text, toUint64, utcTime } from './field.ts';
import {
  LoanReplySchema,
  LoanRequestSchema,
  LoanSchema,
  type RepositoryAccess as WireRepositoryAccess,
} from './generated/backhaul/dispatch/v1/loan_pb.ts';
import { fromBytes, toBytes, type MessageKind } from './message-bytes.ts';

/** Asked after the claim and again when a token runs out; answered from PostgreSQL (fence running, holder right). */
export interface LoanRequest {
  taskId: string;
  fence: Fence;
  boot: string;
  /** True when Microsoft refused the token that was lent, although it had not expired: the same one is of no use. */
  tokenRefused: boolean;
}

/** What is lent for one running fence. Sealed to the Transporter's enrolled key on the way. */
export interface Loan {
  graph: {
    accessToken: string;
    /** ISO 8601, UTC. */
    expiresAt: string;
    /** e.g. `https://graph.microsoft.com`. */
    root: string;
    /** Further hosts that page links and uploads may lead to, e.g. `outlook.office.com`. */
    linkHosts: string[];
  };
  repository: {
    location: { type: 'disk'; folder: string };
    keys: { repositoryId: string; masterKey: string };
  };
  jobName: string;
  tenantName: string;
}

/** The answer as it travels: the loan sealed (compact JWE), or why there is none. */
export type LoanReply = { granted: true; sealedLoan: string } | { granted: false; reason: string };

const REQUEST: MessageKind<typeof LoanRequestSchema> = { schema: LoanRequestSchema, maxBytes: 1024 };
const REPLY: MessageKind<typeof LoanReplySchema> = { schema: LoanReplySchema, maxBytes: 96 * 1024 };
const LOAN: MessageKind<typeof LoanSchema> = { schema: LoanSchema, maxBytes: 64 * 1024 };

/** @throws Failure `invalid-input`, `wire.out-of-range`. */
export function encodeLoanRequest(request: LoanRequest): Uint8Array {
  return toBytes(REQUEST, { ...request, fence: toUint64(request.fence, 'LoanRequest.fence') });
}

/** @throws Failure `invalid-input` with a `wire.` code and `where.field`. */
export function decodeLoanRequest(bytes: Uint8Array): LoanRequest {
  const wire = fromBytes(REQUEST, bytes);
  return {
    taskId: id(wire.taskId, 'LoanRequest.task_id'),
    fence: fenceFromWire(wire.fence, 'LoanRequest.fence'),
    boot: id(wire.boot, 'LoanRequest.boot'),
    tokenRefused: wire.tokenRefused,
  };
}

/** @throws Failure `invalid-input`, `wire.too-large`. */
export function encodeLoanReply(reply: LoanReply): Uint8Array {
  return toBytes(REPLY, {
    reply: reply.granted
      ? { case: 'sealedLoan', value: reply.sealedLoan }
      : { case: 'refused', value: { reason: reply.reason } },
  });
}

/** @throws Failure `invalid-input` with a `wire.` code and `where.field`. */
export function decodeLoanReply(bytes: Uint8Array): LoanReply {
  const { reply } = fromBytes(REPLY, bytes);
  switch (reply.case) {
    case 'sealedLoan':
      return { granted: true, sealedLoan: text(reply.value, 'LoanReply.sealed_loan') };
    case 'refused':
      return { granted: false, reason: reply.value.reason };
    case undefined:
      throw refusedField('wire.missing-field', 'LoanReply.reply', 'The message is no answer.');
  }
}

/** The loan in plain bytes: seal them at once. @throws Failure `invalid-input`, `wire.too-large`. */
export function encodeLoan(loan: Loan): Uint8Array {
  const { location, keys } = loan.repository;
  return toBytes(LOAN, {
    graph: loan.graph,
    repository: { ...keys, location: { case: location.type, value: { folder: location.folder } } },
    jobName: loan.jobName,
    tenantName: loan.tenantName,
  });
}

/** @throws Failure `invalid-input` with a `wire.` code and `where.field`, never with a value in it. */
export function decodeLoan(bytes: Uint8Array): Loan {
  const wire = fromBytes(LOAN, bytes);
  const graph = present(wire.graph, 'Loan.graph');
  const repository = present(wire.repository, 'Loan.repository');
  return {
    graph: {
      accessToken: text(graph.accessToken, 'Loan.graph.access_token'),
      expiresAt: utcTime(graph.expiresAt, 'Loan.graph.expires_at'),
      root: text(graph.root, 'Loan.graph.root'),
      linkHosts: [...graph.linkHosts],
    },
    repository: {
      location: locationFromWire(repository.location),
      keys: {
        repositoryId: id(repository.repositoryId, 'Loan.repository.repository_id'),
        masterKey: text(repository.masterKey, 'Loan.repository.master_key'),
      },
    },
    jobName: wire.jobName,
    tenantName: wire.tenantName,
  };
}

function locationFromWire(location: WireRepositoryAccess['location']): Loan['repository']['location'] {
  switch (location.case) {
    case 'disk':
      return { type: 'disk', folder: text(location.value.folder, 'Loan.repository.disk.folder') };
    case undefined:
      throw refusedField(
        'wire.missing-field',
        'Loan.repository.location',
        'The loan does not say where the repository is.',
      );
  }
}
