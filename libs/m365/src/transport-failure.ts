import { Failure, type FailureDetails, type FailureKind } from '@backhaul/domain';

/** What an error of the network means. Nothing was sent when it becomes `unreachable`. */
export function transportFailure(error: Error, url: string): Failure {
  if (error instanceof Failure) return error;
  const { host } = new URL(url);
  const code = errorCode(error);
  const meaning = MEANINGS.find(({ codes }) => codes.test(code)) ?? LOST;
  return new Failure(meaning.kind, {
    code: meaning.code,
    message: `${meaning.message(host)} (${code || error.message})`,
    retry: meaning.retry,
    ...(meaning.hint === undefined ? {} : { hint: meaning.hint }),
    where: { host },
    cause: error,
  });
}

/** Why an aborted signal was aborted, as a failure. */
export function cancelled(signal: AbortSignal): Failure {
  if (signal.reason instanceof Failure) return signal.reason;
  return new Failure('cancelled', { code: 'cancelled', message: 'Stopped.', retry: 'later', cause: signal.reason });
}

interface Meaning {
  codes: RegExp;
  kind: FailureKind;
  code: string;
  message: (host: string) => string;
  retry: FailureDetails['retry'];
  hint?: string;
}

/** An exchange that broke somewhere between; the other side may have acted on the request. */
const LOST: Meaning = {
  codes: /./,
  kind: 'unavailable',
  code: 'graph.connection-lost',
  message: (host) => `The connection to ${host} broke before the answer was complete.`,
  retry: 'now',
};

const MEANINGS: readonly Meaning[] = [
  {
    codes: /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|ERR_TLS_|ERR_SSL_|EPROTO)/,
    kind: 'unreachable',
    code: 'graph.tls-refused',
    message: (host) => `The certificate or TLS of ${host} is not trusted.`,
    retry: 'never',
    hint: 'Check the host name; where an own authority signs it, give its certificate in the settings of this host.',
  },
  {
    codes: /^(ENOTFOUND|EAI_|EADDRNOTAVAIL|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|UND_ERR_CONNECT_TIMEOUT)/,
    kind: 'unreachable',
    code: 'graph.unreachable',
    message: (host) => `No connection to ${host}.`,
    retry: 'later',
    hint: 'Check the address, the name resolution, the firewall and the proxy of this host.',
  },
  {
    codes: /^(UND_ERR_(HEADERS|BODY)_TIMEOUT|ETIMEDOUT)$/,
    kind: 'timed-out',
    code: 'graph.timed-out',
    message: (host) => `${host} did not answer in time.`,
    retry: 'now',
  },
];

/** The system's or undici's name of an error; an aggregate (several addresses tried) has it on its parts. */
function errorCode(error: Error): string {
  const own = (error as NodeJS.ErrnoException).code;
  if (typeof own === 'string' && own !== 'UND_ERR_SOCKET') return own;
  const parts = error instanceof AggregateError ? (error.errors as unknown[]) : [error.cause];
  const inner = parts.find((part): part is Error => part instanceof Error);
  return (inner === undefined ? undefined : errorCode(inner)) || own || '';
}
