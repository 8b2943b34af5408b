import { Failure } from '@backhaul/domain';
import { hostMatches } from './links.ts';

/** One of Microsoft's clouds, by its two hosts and the hosts that its answers may send us to. */
interface Cloud {
  name: string;
  login: readonly string[];
  graph: string;
  links: readonly string[];
}

/** The fixed list; other hosts are used only when the configuration of the host itself allows them. */
const CLOUDS: readonly Cloud[] = [
  {
    name: 'global',
    login: ['login.microsoftonline.com'],
    graph: 'graph.microsoft.com',
    links: ['outlook.office.com', 'outlook.office365.com', '*.sharepoint.com'],
  },
  {
    name: 'us-government',
    login: ['login.microsoftonline.us'],
    graph: 'graph.microsoft.us',
    links: ['outlook.office365.us', '*.sharepoint.us'],
  },
  {
    name: 'us-government-dod',
    login: ['login.microsoftonline.us'],
    graph: 'dod-graph.microsoft.us',
    links: ['outlook-dod.office365.us', '*.dps.mil', '*.sharepoint-mil.us'],
  },
  {
    name: 'china',
    login: ['login.partner.microsoftonline.cn', 'login.chinacloudapi.cn'],
    graph: 'microsoftgraph.chinacloudapi.cn',
    links: ['partner.outlook.cn', '*.sharepoint.cn'],
  },
];

/** What an operator enters where the tenant is not in the global cloud. */
export interface EndpointUrls {
  loginUrl: string;
  graphUrl: string;
}

export const GLOBAL_ENDPOINTS: Readonly<EndpointUrls> = {
  loginUrl: 'https://login.microsoftonline.com',
  graphUrl: 'https://graph.microsoft.com',
};

/** Endpoints that may be used. */
export interface Endpoints extends EndpointUrls {
  /** `global`, `us-government` …, or `custom` for hosts that the configuration allows. */
  cloud: string;
  /** Hosts that upload and download addresses may point to; see `openGraph`. */
  linkHosts: readonly string[];
}

/**
 * Checks the two endpoint addresses of a tenant connection and brings them into their plain form.
 * @param allowedHosts hosts (`host` or `host:port`, `*.domain`) that the configuration of this host allows besides Microsoft's
 * @throws Failure `invalid-input` with `where.field` `loginUrl` or `graphUrl`
 */
export function checkEndpoints(urls: EndpointUrls, allowedHosts: readonly string[] = []): Endpoints {
  const login = plainHttps(urls.loginUrl, 'loginUrl');
  const graph = plainHttps(urls.graphUrl, 'graphUrl');
  const isAllowed = (url: URL) => allowedHosts.some((host) => hostMatches(url.host, host));
  const plain = { loginUrl: login.origin, graphUrl: graph.origin };

  const cloud = CLOUDS.find((candidate) => candidate.graph === graph.host);
  if (cloud?.login.includes(login.host)) return { ...plain, cloud: cloud.name, linkHosts: cloud.links };
  if (cloud === undefined && !isAllowed(graph)) throw notAllowed('graphUrl', graph.host);
  if (!isAllowed(login)) {
    const known = CLOUDS.some((candidate) => candidate.login.includes(login.host));
    throw known ? otherCloud(login.host, graph.host) : notAllowed('loginUrl', login.host);
  }
  return { ...plain, cloud: 'custom', linkHosts: cloud?.links ?? [graph.host] };
}

function plainHttps(text: string, field: keyof EndpointUrls): URL {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : null;
  if (
    url?.protocol !== 'https:' ||
    url.username !== '' ||
    url.password !== '' ||
    url.search !== '' ||
    url.hash !== '' ||
    url.pathname !== '/'
  ) {
    // Not repeated: it may hold a password.
    throw refused(field, 'The address does not have the form https://host.', 'Give scheme and host only.');
  }
  return url;
}

function notAllowed(field: keyof EndpointUrls, host: string): Failure {
  const hint = 'Use one of Microsoft’s hosts, or have the host allowed in the configuration of this installation.';
  return refused(field, `${host} is not a host of Microsoft’s and not allowed here.`, hint);
}

function otherCloud(loginHost: string, graphHost: string): Failure {
  const login = CLOUDS.find(({ graph }) => graph === graphHost)?.login[0];
  const hint =
    login === undefined ? 'Give the two addresses of one cloud.' : `For ${graphHost} it is https://${login}.`;
  return refused('loginUrl', `${loginHost} belongs to another cloud than ${graphHost}.`, hint);
}

function refused(field: keyof EndpointUrls, message: string, hint: string): Failure {
  return new Failure('invalid-input', {
    code: 'tenant.endpoint-refused',
    message,
    hint,
    retry: 'never',
    where: { field },
  });
}
