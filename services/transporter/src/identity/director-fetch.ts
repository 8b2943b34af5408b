import { getCACertificates } from 'node:tls';
import { Agent, fetch as undiciFetch } from 'undici';

/** `fetch` that trusts further authorities (PEM) besides the system's; without any, the process's own. */
export function directorFetch(caCertificates: string | undefined): typeof fetch {
  if (caCertificates === undefined) return fetch;
  const dispatcher = new Agent({ connect: { ca: [...getCACertificates('default'), caCertificates] } });
  return ((input: string | URL, init?: RequestInit) =>
    undiciFetch(input, { ...(init as object), dispatcher })) as unknown as typeof fetch;
}
