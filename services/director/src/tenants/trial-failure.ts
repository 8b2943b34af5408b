import { Failure, isFailure } from '@backhaul/domain';

/**
 * What a trial of a connection met, as a problem of the request: the operator gave what does not work, so the answer names
 * field and remedy. Trouble that passes by itself (throttling, an outage at Microsoft) stays what it is.
 * @param field the field that an unreachable address came from
 */
export function trialFailure(error: unknown, field: 'loginUrl' | 'graphUrl'): unknown {
  if (isFailure(error, 'unreachable', 'timed-out')) {
    const address = field === 'loginUrl' ? 'login address' : 'Graph address';
    return refused(error, {
      code: 'tenant.unreachable',
      message: `The ${address} does not answer. ${error.message}`,
      hint:
        error.hint ??
        `Check ${field}, the network and, for a private authority, BACKHAUL_CA_FILE on the Director's host.`,
      field,
    });
  }
  if (isFailure(error, 'unauthenticated', 'forbidden', 'not-found', 'invalid-input')) {
    return refused(error, {
      code: error.code,
      message: error.message,
      hint: error.hint ?? 'Check directory id, client id and credential.',
      field: error.where['field'] ?? field,
    });
  }
  return error;
}

function refused(cause: Failure, details: { code: string; message: string; hint: string; field: string }): Failure {
  const { field, ...rest } = details;
  return new Failure('invalid-input', { ...rest, retry: cause.retry, where: { ...cause.where, field }, cause });
}
