import { isFailure } from '@backhaul/domain';
import { destination as openDestination, pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import { activeTrace } from './trace-context.ts';

export type { Logger } from 'pino';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LoggerOptions {
  /** Stands in every line as `service`, e.g. `director`. */
  service: string;
  /** Lines below it are not written. */
  level: LogLevel;
  /** `stderr` (default), `stdout`, or anything with `write`. Lines are written at once, so that a crash loses none. */
  destination?: 'stderr' | 'stdout' | DestinationStream;
}

/**
 * A logger that writes one JSON object per line. `Secret` values print as `[redacted]` by themselves; values under names
 * that look like secrets are the second net. Inside a trace each line carries `trace_id` and `span_id`.
 */
export function createLogger(options: LoggerOptions): Logger {
  return pino(
    {
      level: options.level,
      base: { service: options.service, pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: errorRecord },
      redact: { paths: SECRET_PATHS, censor: '[redacted]' },
      mixin: () => {
        const active = activeTrace();
        return active === null ? {} : { trace_id: active.traceId, span_id: active.spanId };
      },
    },
    openStream(options.destination ?? 'stderr'),
  );
}

const SECRET_NAMES = [
  'password',
  'passphrase',
  'secret',
  'clientSecret',
  'client_secret',
  'clientAssertion',
  'client_assertion',
  'token',
  'accessToken',
  'access_token',
  'joinToken',
  'setupToken',
  'apiKey',
  'privateKey',
  'masterKey',
  'nkeySeed',
  'authorization',
  'Authorization',
  'cookie',
  'connectionString',
];

/** Paths are matched exactly, so each name is listed at every depth we log at. */
const SECRET_PATHS = ['', '*.', '*.*.'].flatMap((depth) => SECRET_NAMES.map((name) => depth + name));

function openStream(destination: 'stderr' | 'stdout' | DestinationStream): DestinationStream {
  if (typeof destination !== 'string') return destination;
  return openDestination({ dest: destination === 'stdout' ? 1 : 2, sync: true });
}

/** How many causes below an error are written. */
const MAX_CAUSES = 4;

/** An error as data: a failure with its advice, causes by name and message only (their other fields may hold anything). */
function errorRecord(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  return {
    type: error.name,
    message: error.message,
    ...(isFailure(error) && {
      kind: error.kind,
      code: error.code,
      retry: error.retry,
      hint: error.hint,
      where: error.where,
    }),
    ...(depth === 0 && { stack: error.stack }),
    ...(error.cause !== undefined && depth < MAX_CAUSES && { cause: errorRecord(error.cause, depth + 1) }),
  };
}
