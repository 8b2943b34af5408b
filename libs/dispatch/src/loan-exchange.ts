import { Failure, type Secret } from '@backhaul/domain';
import { decodeLoanReply, decodeLoanRequest, encodeLoanReply, type LoanReply } from '@backhaul/wire';
import type { JsonWebKey, LendingDesk, LoanAnswer, LoanRequest } from './ports.ts';
import { openLoan, sealLoan } from './sealing.ts';
import type { SignatureCheck, Signer } from './signature.ts';

/** The desk's side and the borrower's side of one loan, without the transport between them. */
export interface SignedReply {
  payload: Uint8Array;
  signature: string;
}

type Answer = Parameters<LendingDesk['serve']>[0];
type SealingKeyOf = Parameters<LendingDesk['serve']>[1];

/**
 * Answers one request: sealed to the borrower's enrolled key when granted, and signed.
 * @throws Failure `invalid-input` for a malformed request; whatever `answer` throws.
 */
export async function answerLoanRequest(
  payload: Uint8Array,
  borrowerId: string,
  desk: { answer: Answer; sealingKeyOf: SealingKeyOf; signer: Signer },
): Promise<SignedReply> {
  const request = decodeLoanRequest(payload);
  const answer = await desk.answer(request, borrowerId);
  const reply = encodeLoanReply(await sealed(answer, request, await desk.sealingKeyOf(borrowerId)));
  return { payload: reply, signature: desk.signer.sign('loan', reply) };
}

async function sealed(answer: LoanAnswer, request: LoanRequest, key: JsonWebKey | null): Promise<LoanReply> {
  if (!answer.granted) return answer;
  if (key === null) return { granted: false, reason: 'This Transporter is not enrolled.' };
  return { granted: true, sealedLoan: await sealLoan(answer.loan, request, key) };
}

/**
 * Reads the desk's reply to `request`.
 * @throws Failure `forbidden`, `dispatch.reply-not-signed`, when it is not the Director's; `wrong-key` when it is sealed for
 * another Transporter or attempt; `invalid-input` when it is malformed.
 */
export async function openLoanReply(
  { payload, signature }: SignedReply,
  request: LoanRequest,
  keys: { check: SignatureCheck; sealingKey: Secret<JsonWebKey> },
): Promise<LoanAnswer> {
  if (!keys.check.verify('loan', payload, signature)) {
    throw new Failure('forbidden', {
      code: 'dispatch.reply-not-signed',
      message: "An answer to a loan request does not carry the Director's signature.",
      hint: "If this persists, enrol the Transporter again: the Director's signing key has changed.",
      retry: 'later',
    });
  }
  const reply = decodeLoanReply(payload);
  if (!reply.granted) return reply;
  return { granted: true, loan: await openLoan(reply.sealedLoan, request, keys.sealingKey) };
}
