import { ConfidentialClientApplication, type Configuration } from '@azure/msal-node';
import { Failure, isFailure, Secret, systemClock, type Clock } from '@backhaul/domain';
import { entraFailure, type EntraTrouble } from './entra-failure.ts';
import { createTransport, type Transport } from './transport.ts';

/** How an application proves who it is. */
export type ClientCredential =
  | { type: 'secret'; secret: Secret }
  | {
      type: 'certificate';
      /** SHA-256 of the certificate, hex. */
      thumbprintSha256: string;
      /** PEM, PKCS #8. */
      privateKey: Secret;
    };

export interface TokenSourceOptions {
  /** Checked before (see `checkEndpoints`). */
  loginUrl: string;
  graphUrl: string;
  /** The tenant's id (a GUID) or a verified domain. */
  directoryId: string;
  clientId: string;
  credential: ClientCredential;
  /** Default: the host's clock. */
  clock?: Clock;
  /** A shared transport; it stays open. */
  transport?: Transport;
  /** Only without `transport`: PEM certificates of authorities to trust besides those of the system. */
  caCertificates?: readonly string[];
}

export interface GraphToken {
  accessToken: Secret;
  expiresAt: Date;
  /** The application permissions in the token, e.g. `Mail.Read`. */
  roles: string[];
}

/** Gives tokens of one application in one tenant. */
export interface TokenSource {
  /** The current token; a new one when less than five minutes of it are left. @throws Failure with `where.field` */
  token(): Promise<GraphToken>;
  /** A new token whatever is left of the old one; a permission granted meanwhile is in the new one only. */
  refresh(): Promise<GraphToken>;
  close(): Promise<void>;
}

/** A token is not used up to its last moment: requests take time and clocks differ. */
const RENEW_BEFORE_MS = 5 * 60_000;

/** Tenants that stand for "any": they have no application token. */
const NO_TENANT = /^(common|organizations|consumers)$/i;

/** A token source on MSAL. Nothing is sent before the first token is asked for. */
export function createTokenSource(options: TokenSourceOptions): TokenSource {
  const transport = options.transport ?? createTransport({ caCertificates: options.caCertificates ?? [] });
  const clock = options.clock ?? systemClock();
  const login = loginExchanges(transport);
  const client = confidentialClient(options, login.networkClient);
  const scopes = [`${new URL(options.graphUrl).origin}/.default`];

  async function acquire(skipCache: boolean): Promise<GraphToken> {
    login.trouble = {};
    try {
      const result = await client().acquireTokenByClientCredential({ scopes, skipCache });
      if (result === null || result.accessToken === '') throw new Error('No token came.');
      return {
        accessToken: new Secret(result.accessToken),
        expiresAt: result.expiresOn ?? new Date(0),
        roles: rolesOf(result.accessToken),
      };
    } catch (error) {
      throw entraFailure(error, login.trouble);
    }
  }

  // MSAL remembers tokens too, but looking one up there costs a millisecond, and every request asks.
  let current: GraphToken | undefined;
  async function renewed(skipCache: boolean): Promise<GraphToken> {
    current = await acquire(skipCache);
    return current;
  }

  return {
    token: async () => {
      const leftMs = current === undefined ? 0 : current.expiresAt.getTime() - clock.now().getTime();
      return current !== undefined && leftMs > RENEW_BEFORE_MS ? current : renewed(false);
    },
    refresh: () => renewed(true),
    close: async () => {
      if (options.transport === undefined) await transport.close();
    },
  };
}

/** Made at first use, so that a field that MSAL refuses at once is reported like all others. */
function confidentialClient(options: TokenSourceOptions, network: NetworkClient): () => ConfidentialClientApplication {
  let client: ConfidentialClientApplication | undefined;
  return () => {
    if (options.directoryId.trim() === '' || NO_TENANT.test(options.directoryId)) {
      throw new Failure('invalid-input', {
        code: 'entra.tenant-unknown',
        message: 'The directory (tenant) id does not name a tenant.',
        hint: 'Copy the directory (tenant) id from the overview page of Microsoft Entra ID.',
        retry: 'never',
        where: { field: 'directoryId' },
      });
    }
    return (client ??= new ConfidentialClientApplication(configuration(options, network)));
  };
}

function configuration(options: TokenSourceOptions, network: NetworkClient): Configuration {
  const { credential, loginUrl } = options;
  const { origin, host } = new URL(loginUrl);
  return {
    auth: {
      clientId: options.clientId,
      authority: `${origin}/${encodeURIComponent(options.directoryId)}`,
      // Other hosts than the global one are ours to vouch for; MSAL would ask the global one about them.
      ...(host !== 'login.microsoftonline.com' && { knownAuthorities: [host] }),
      ...(credential.type === 'secret'
        ? { clientSecret: credential.secret.reveal() }
        : {
            clientCertificate: {
              thumbprintSha256: credential.thumbprintSha256,
              privateKey: credential.privateKey.reveal(),
            },
          }),
    },
    system: { networkClient: network },
  };
}

type NetworkClient = NonNullable<NonNullable<Configuration['system']>['networkClient']>;

/** MSAL's requests over our transport: the same trust and limits; what went wrong is kept, for MSAL drops it. */
function loginExchanges(transport: Transport): { networkClient: NetworkClient; trouble: EntraTrouble } {
  const exchanges: { networkClient: NetworkClient; trouble: EntraTrouble } = {
    networkClient: {
      sendGetRequestAsync: (url, options) => send('GET', url, options),
      sendPostRequestAsync: (url, options) => send('POST', url, options),
    },
    trouble: {},
  };

  async function send<T>(method: 'GET' | 'POST', url: string, options: LoginRequest = {}) {
    const content = options.body === undefined ? {} : { body: options.body };
    const request = { method, url, headers: { ...options.headers }, signal: NEVER_STOPPED, ...content };
    const reply = await transport.send(request).catch((error: unknown) => {
      if (isFailure(error)) exchanges.trouble = { failure: error };
      throw error;
    });
    const body = parsed(reply.body);
    if (reply.status >= 400) exchanges.trouble = { errorNumbers: errorNumbers(body) };
    return { status: reply.status, headers: singleValues(reply.headers), body: body as T };
  }

  return exchanges;
}

interface LoginRequest {
  headers?: Record<string, string>;
  body?: string;
}

function errorNumbers(body: unknown): number[] {
  const { error_codes: numbers } = body as { error_codes?: unknown };
  return Array.isArray(numbers) ? numbers.filter((number): number is number => typeof number === 'number') : [];
}

/** MSAL gives no signal; the transport has time-outs of its own. */
const NEVER_STOPPED = new AbortController().signal;

function singleValues(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) ?? {};
  } catch {
    return {};
  }
}

/** The token is Microsoft's own affair; only its list of permissions is read, for the preflight, and never trusted. */
function rolesOf(token: string): string[] {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as {
      roles?: unknown;
    };
    return Array.isArray(claims.roles) ? claims.roles.filter((role): role is string => typeof role === 'string') : [];
  } catch {
    return [];
  }
}
