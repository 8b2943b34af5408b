import type { Arbitrary } from 'fast-check';
import {
  decodeControlMessage,
  decodeLeaseValue,
  decodeLoan,
  decodeLoanReply,
  decodeLoanRequest,
  decodeProgressEvent,
  decodeResultMessage,
  decodeTaskMessage,
  decodeWantMessage,
  encodeControlMessage,
  encodeLeaseValue,
  encodeLoan,
  encodeLoanReply,
  encodeLoanRequest,
  encodeProgressEvent,
  encodeResultMessage,
  encodeTaskMessage,
  encodeWantMessage,
} from '../src/index.ts';
import * as any from './arbitrary-messages.ts';

/** One message both ways, with any value that it can carry. The types are erased so that tests can go over all of them. */
export interface MessageFormat {
  name: string;
  encode: (message: unknown) => Uint8Array;
  decode: (bytes: Uint8Array) => unknown;
  values: Arbitrary<unknown>;
}

function format<T>(
  name: string,
  encode: (message: T) => Uint8Array,
  decode: (bytes: Uint8Array) => T,
  values: Arbitrary<T>,
): MessageFormat {
  return { name, encode: (message) => encode(message as T), decode, values };
}

/** Every message of this release. */
export const messageFormats: MessageFormat[] = [
  format('task', encodeTaskMessage, decodeTaskMessage, any.taskMessages),
  format('result', encodeResultMessage, decodeResultMessage, any.resultMessages),
  format('progress', encodeProgressEvent, decodeProgressEvent, any.progressEvents),
  format('want', encodeWantMessage, decodeWantMessage, any.wantMessages),
  format('control', encodeControlMessage, decodeControlMessage, any.controlMessages),
  format('loan-request', encodeLoanRequest, decodeLoanRequest, any.loanRequests),
  format('loan-reply', encodeLoanReply, decodeLoanReply, any.loanReplies),
  format('loan', encodeLoan, decodeLoan, any.loans),
  format('lease', encodeLeaseValue, decodeLeaseValue, any.leaseValues),
];

/** The format of a sample called `<message>` or `<message>-<form>`. */
export function formatOf(sampleName: string): MessageFormat {
  const found = messageFormats
    .filter(({ name }) => sampleName === name || sampleName.startsWith(`${name}-`))
    .sort((a, b) => b.name.length - a.name.length)[0];
  if (found === undefined) throw new Error(`There is no message called ${sampleName}.`);
  return found;
}
