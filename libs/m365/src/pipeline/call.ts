import type { Secret } from '@backhaul/domain';
import type { Context, Middleware } from '@microsoft/microsoft-graph-client';
import type { Classified } from '../classify.ts';
import type { WireReply } from '../transport.ts';
import type { Waiting } from './gate.ts';

/**
 * One request on its way through the pipeline. It rides along in the client's request options; how it ended is written
 * into `outcome` instead of thrown, because the client turns whatever is thrown into an error of its own.
 */
export interface Call extends Waiting {
  /** A link out of an answer, sent exactly as it is; null: the address the client has built. */
  link: string | null;
  /** Whose limits it counts against: the id of a mailbox, or {@link APPLICATION_SCOPE}. */
  scope: string;
  /** False when sending it twice may do a thing twice. */
  repeatable: boolean;
  /** True for pre-authenticated addresses: our token is not for them. */
  anonymous: boolean;
  expects: Expectation;
  /** The bytes that are expected are those of a web page. */
  isWebPage: boolean;
  signal: AbortSignal;
  /** The token that the latest attempt carried; and the one that was refused before. */
  token?: Secret;
  refusedToken?: Secret;
  outcome?: Outcome;
}

/** `stream`: the body as it arrives; `location`: a redirect, whose address is wanted and not followed. */
export type Expectation = 'json' | 'bytes' | 'nothing' | 'stream' | 'location';

/** An answer as it was asked for; what went wrong; or a mistake in our own program, to be thrown as it is. */
export type Outcome = { answer: Answer } | { error: Classified } | { mistake: unknown };

export interface Answer {
  status: number;
  headers: WireReply['headers'];
  /** Parsed, where JSON was expected. */
  json?: unknown;
  /** Empty where a stream was expected. */
  body: Buffer;
  /** Where one was expected; to be read to its end, or ended. */
  stream?: AsyncIterable<Uint8Array>;
}

/** Limits of calls that concern no mailbox. */
export const APPLICATION_SCOPE = 'application';

/** A step of the pipeline as the client wants it. `run` may call `next` any number of times. */
export function step(run: (call: Call, context: Context, next: () => Promise<void>) => Promise<void>): Middleware {
  let following: Middleware | undefined;
  return {
    setNext: (middleware) => {
      following = middleware;
    },
    execute: (context) => run(callOf(context), context, async () => following?.execute(context)),
  };
}

/** The option of the client's request under which the call rides along. */
export const CALL_OPTION = 'backhaulCall';

function callOf(context: Context): Call {
  return (context.options as unknown as Record<typeof CALL_OPTION, Call>)[CALL_OPTION];
}

/** The address of the call and, for failures, its method and path without query (queries may hold what is not ours to log). */
export function addressOf(call: Call, context: Context): { url: string; request: string } {
  const url = call.link ?? (context.request as string);
  const path = URL.canParse(url) ? new URL(url).pathname : url;
  return { url, request: `${context.options?.method ?? 'GET'} ${path}` };
}
