import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { NodeConnectionOptions } from '@nats-io/transport-node';
import { Failure } from '@backhaul/domain';

type TlsOptions = NonNullable<NodeConnectionOptions['tls']> & Pick<ConnectionOptions, 'host' | 'minVersion'>;

/**
 * How TLS is to be spoken to `servers`, or null when neither a `tls://` address nor an authority demands it.
 *
 * The client library names the server it wants to Node only when that is a host name; of an address, Node would then check
 * the certificate for "localhost". One address can be named in its place, several cannot.
 * @param ca certificates in PEM; default the system's.
 * @throws Failure `invalid-input`, `dispatch.tls-needs-names`, for several servers of which one is an address.
 */
export function tlsOptions(servers: string[], ca: string | undefined): TlsOptions | null {
  if (ca === undefined && !servers.some((server) => server.startsWith('tls://'))) return null;
  const addresses = servers.map(hostOf).filter((host) => isIP(host) !== 0);
  if (addresses.length > 0 && servers.length > 1) {
    throw new Failure('invalid-input', {
      code: 'dispatch.tls-needs-names',
      message:
        'Several NATS servers with TLS cannot be given by their addresses: their certificates could not be checked.',
      hint: 'Give them by the host names in their certificates.',
      retry: 'never',
      where: { url: servers.join(',') },
    });
  }
  return {
    minVersion: 'TLSv1.3',
    ...(ca !== undefined && { ca }),
    ...(addresses[0] !== undefined && { host: addresses[0] }),
  };
}

function hostOf(server: string): string {
  const url = URL.parse(server.includes('://') ? server : `nats://${server}`);
  return (url?.hostname ?? '').replace(/^\[(.*)\]$/, '$1');
}
