import { Failure } from '@backhaul/domain';

/** Why the API's address cannot be listened on, in the operator's words; what is no matter of the address stays as it is. */
export function listenFailure(error: unknown, { host, port }: { host: string; port: number }): unknown {
  const where = { host, port: String(port) };
  switch ((error as { code?: unknown }).code) {
    case 'EADDRINUSE':
      return new Failure('conflict', {
        code: 'director.port-in-use',
        message: `Another program listens on ${host}:${port}.`,
        hint: 'End it, or set another BACKHAUL_PORT.',
        retry: 'later',
        where,
        cause: error,
      });
    case 'EACCES':
      return new Failure('forbidden', {
        code: 'director.port-forbidden',
        message: `This user may not listen on ${host}:${port}.`,
        hint: 'Set a BACKHAUL_PORT of 1024 or more.',
        retry: 'never',
        where,
        cause: error,
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new Failure('invalid-input', {
        code: 'director.host-not-here',
        message: `${host} is not an address of this host.`,
        hint: 'Correct BACKHAUL_HOST.',
        retry: 'never',
        where,
        cause: error,
      });
    default:
      return error;
  }
}
