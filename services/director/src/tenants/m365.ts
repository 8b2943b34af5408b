import { createHash, X509Certificate } from 'node:crypto';
import { Failure, ITEM_KINDS, type ItemKind, type Clock } from '@backhaul/domain';
import {
  checkEndpoints,
  createTokenSource,
  createTransport,
  openDirectory,
  openGraph,
  preflight,
  type ClientCredential,
  type Directory,
  type Graph,
  type TokenSource,
} from '@backhaul/m365';
import type {
  DirectoryListing,
  DirectoryObject,
  Microsoft,
  TenantConnection,
  TenantCredential,
  TenantPreflight,
} from './microsoft.ts';
import { trialFailure } from './trial-failure.ts';

export interface MicrosoftOptions {
  clock: Clock;
  /** Hosts allowed besides Microsoft's own clouds. */
  allowedHosts: readonly string[];
  /** PEM certificates of further authorities to trust. */
  caCertificates: readonly string[];
}

/** Without the right to read these a connection is of no use; what of the other kinds is missing is only told. */
const REQUIRED_KINDS: readonly ItemKind[] = ['mail'];

/** The adapter to Microsoft 365: one transport for all, one token source per application and credential. */
export function microsoft365({ clock, allowedHosts, caCertificates }: MicrosoftOptions): Microsoft {
  const transport = createTransport({ caCertificates });
  const sources = new Map<string, TokenSource>();
  const ending = new AbortController();

  function sourceOf(connection: TenantConnection): TokenSource {
    const key = sourceKey(connection);
    const known = sources.get(key);
    if (known !== undefined) return known;
    const source = createTokenSource({ ...connection, credential: clientCredential(connection.credential), transport });
    sources.set(key, source);
    return source;
  }

  function graphOf(connection: TenantConnection): Graph {
    const { graphUrl: root, linkHosts } = checkEndpoints(connection, allowedHosts);
    const source = sourceOf(connection);
    const token = async (refused?: unknown) =>
      (await (refused === undefined ? source.token() : source.refresh())).accessToken;
    return openGraph({ root, linkHosts, token, clock, signal: ending.signal, taskTag: 'director', transport });
  }

  async function withGraph<T>(connection: TenantConnection, work: (directory: Directory) => Promise<T>): Promise<T> {
    const graph = graphOf(connection);
    try {
      return await work(openDirectory(graph));
    } finally {
      await graph.close();
    }
  }

  return {
    requireAllowedEndpoints: (endpoints) => void checkEndpoints(endpoints, allowedHosts),

    async preflight(connection) {
      checkEndpoints(connection, allowedHosts);
      const { roles } = await sourceOf(connection)
        .refresh()
        .catch((error: unknown) => {
          throw trialFailure(error, 'loginUrl');
        });
      const found = judge(roles, clock.now());
      if (found.missing.some(({ required }) => required)) return found;
      await withGraph(connection, async (directory) =>
        requireSameTenant((await directory.organization()).id, connection),
      ).catch((error: unknown) => {
        throw trialFailure(error, 'graphUrl');
      });
      return found;
    },

    withDirectory: (connection, work) => withGraph(connection, (directory) => work(listingsOf(directory))),

    async access(connection, { anew }) {
      const { graphUrl: root, linkHosts } = checkEndpoints(connection, allowedHosts);
      const source = sourceOf(connection);
      const { accessToken, expiresAt } = await (anew ? source.refresh() : source.token());
      return { accessToken, expiresAt, root, linkHosts };
    },

    async close() {
      ending.abort(
        new Failure('cancelled', { code: 'director.stopping', message: 'The Director stops.', retry: 'later' }),
      );
      await transport.close();
    },
  };
}

/** What the permissions allow: backing up is required, restoring is not. */
function judge(roles: readonly string[], checkedAt: Date): TenantPreflight {
  const forBackup = preflight(roles, { backup: REQUIRED_KINDS, restore: [] });
  const forAll = preflight(roles, { backup: ITEM_KINDS, restore: ITEM_KINDS });
  const needed = new Set(forBackup.missing.map(({ purpose }) => purpose));
  return {
    roles,
    missing: forAll.missing.map((missing) => ({
      ...missing,
      required: missing.required && needed.has(missing.purpose),
    })),
    excess: forAll.excess,
    checkedAt,
  };
}

function requireSameTenant(found: string, { directoryId }: TenantConnection): void {
  if (found.toLowerCase() === directoryId.toLowerCase()) return;
  throw new Failure('invalid-input', {
    code: 'tenant.other-directory',
    message: 'The application belongs to another tenant than the directory id says.',
    hint: 'Copy directory (tenant) id and client id from the same app registration.',
    retry: 'never',
    where: { field: 'directoryId' },
  });
}

function listingsOf(directory: Directory): DirectoryListing[] {
  return [
    {
      kinds: ['mailbox'],
      async *pages() {
        for await (const users of directory.users()) {
          yield users.flatMap(({ id, displayName, address, accountEnabled, mailbox }): DirectoryObject[] =>
            mailbox === null
              ? []
              : [
                  {
                    kind: 'mailbox',
                    externalId: id,
                    displayName,
                    address,
                    attributes: { purpose: mailbox, accountEnabled },
                  },
                ],
          );
        }
      },
    },
    {
      kinds: ['oneDrive'],
      async *pages() {
        for await (const drives of directory.drives()) {
          yield drives.map(({ userId, displayName, address, state }): DirectoryObject => ({
            kind: 'oneDrive',
            externalId: userId,
            displayName,
            address,
            attributes: { state },
          }));
        }
      },
    },
    {
      kinds: ['groupMailbox', 'team'],
      async *pages() {
        for await (const groups of directory.groups()) {
          yield groups.flatMap(({ id, displayName, address, isTeam }): DirectoryObject[] => {
            const object = { externalId: id, displayName, address, attributes: {} };
            return [{ ...object, kind: 'groupMailbox' }, ...(isTeam ? [{ ...object, kind: 'team' as const }] : [])];
          });
        }
      },
    },
    {
      kinds: ['site'],
      async *pages() {
        for await (const sites of directory.sites()) {
          yield sites.map(({ id, displayName, webUrl }): DirectoryObject => ({
            kind: 'site',
            externalId: id,
            displayName,
            address: '',
            attributes: { webUrl },
          }));
        }
      },
    },
  ];
}

function clientCredential(credential: TenantCredential): ClientCredential {
  if (credential.type === 'secret') return credential;
  return {
    type: 'certificate',
    thumbprintSha256: thumbprintOf(credential.certificate),
    privateKey: credential.privateKey,
  };
}

/** SHA-256 of the certificate, upper-case hex. */
export function thumbprintOf(certificate: string): string {
  return createHash('sha256').update(new X509Certificate(certificate).raw).digest('hex').toUpperCase();
}

/** A changed credential is another source; the key reveals nothing. */
function sourceKey({ directoryId, clientId, loginUrl, graphUrl, credential }: TenantConnection): string {
  const proof = credential.type === 'secret' ? credential.secret.reveal() : credential.privateKey.reveal();
  return createHash('sha256')
    .update(JSON.stringify([directoryId, clientId, loginUrl, graphUrl, proof]))
    .digest('hex');
}
