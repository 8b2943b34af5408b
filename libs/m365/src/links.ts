import { Failure } from '@backhaul/domain';

/**
 * An address out of an answer, checked before anything is sent to it: https, a host on the list, no credentials in it. A
 * forged link would otherwise carry our token to a stranger. An empty path segment is a fault of Graph itself: such a link
 * leads nowhere.
 * @param hosts `host` or `host:port`; a leading `*.` stands for any one or more labels
 * @throws Failure `forbidden` (`graph.foreign-link`); nothing of the link but its host is named. `unavailable`
 * (`graph.broken-link`) for an empty segment.
 */
export function checkLink(link: unknown, hosts: readonly string[]): string {
  const url = typeof link === 'string' && URL.canParse(link) ? new URL(link) : null;
  const good =
    url !== null &&
    url.protocol === 'https:' &&
    url.username === '' &&
    url.password === '' &&
    hosts.some((host) => hostMatches(url.host, host));
  if (!good) throw foreignLink(url === null ? 'not an address' : `${url.protocol}//${url.host}`);
  if (url.pathname.slice(1).replace(/\/$/, '').includes('//')) throw brokenLink(url.host);
  return link as string;
}

/** True when `host` (with its port, where there is one) is `pattern` or below the domain of `*.domain`. */
export function hostMatches(host: string, pattern: string): boolean {
  const wanted = pattern.toLowerCase();
  return wanted.startsWith('*.') ? host.endsWith(wanted.slice(1)) && host.length >= wanted.length : host === wanted;
}

function brokenLink(host: string): Failure {
  return new Failure('unavailable', {
    code: 'graph.broken-link',
    message: 'Microsoft’s list goes on at an address with an empty segment, which leads nowhere.',
    retry: 'later',
    hint: 'A known fault of the service; the next run tries again.',
    where: { target: host },
  });
}

function foreignLink(target: string): Failure {
  return new Failure('forbidden', {
    code: 'graph.foreign-link',
    message: `An answer of Microsoft Graph led to an address that is not Microsoft’s (${target}); it was not followed.`,
    retry: 'never',
    hint: 'Something between this host and Microsoft may change answers; check proxies. Nothing was sent to that address.',
    where: { target },
  });
}
