import type { ObjectKind, Secret } from '@backhaul/domain';

/** With what the tenant's application proves who it is. */
export type TenantCredential =
  | { type: 'secret'; secret: Secret }
  /** Both PEM; the key as PKCS #8. */
  | { type: 'certificate'; certificate: string; privateKey: Secret };

/** All that is needed to speak with one tenant. */
export interface TenantConnection {
  /** Entra's tenant id. */
  directoryId: string;
  /** Application id of the app registration. */
  clientId: string;
  /** e.g. `https://login.microsoftonline.com`. */
  loginUrl: string;
  /** e.g. `https://graph.microsoft.com`. */
  graphUrl: string;
  credential: TenantCredential;
}

/** What an application may do in the tenant. */
export interface TenantPreflight {
  /** Application permissions in the token. */
  roles: readonly string[];
  missing: readonly MissingPermission[];
  /** Permissions to write that nothing here needs. */
  excess: readonly string[];
  checkedAt: Date;
}

export interface MissingPermission {
  permission: string;
  /** To be read after "needed to". */
  purpose: string;
  /** False: backups work without it, something beside them does not. */
  required: boolean;
}

/** One thing of the tenant that can be protected. */
export interface DirectoryObject {
  kind: ObjectKind;
  externalId: string;
  displayName: string;
  address: string;
  attributes: Record<string, string | number | boolean | null>;
}

/** One list of the directory and the kinds it shows completely. */
export interface DirectoryListing {
  kinds: readonly ObjectKind[];
  /** Page by page. @throws Failure `permission-missing` and whatever Graph answers. */
  pages(): AsyncIterable<DirectoryObject[]>;
}

/** A short-lived Graph token and where it is good for. */
export interface GraphAccess {
  accessToken: Secret;
  expiresAt: Date;
  /** e.g. `https://graph.microsoft.com`. */
  root: string;
  /** Further hosts that page links and uploads may lead to. */
  linkHosts: readonly string[];
}

/** PORT: what the Director asks of Microsoft 365. The adapter is `m365.ts`. */
export interface Microsoft {
  /** Checks that both addresses are Microsoft's own or allowed by the host's settings. @throws Failure `invalid-input`. */
  requireAllowedEndpoints(endpoints: Pick<TenantConnection, 'loginUrl' | 'graphUrl'>): void;
  /** Signs in, looks at the tenant and reads what the token permits. @throws Failure; see `trialFailure`. */
  preflight(connection: TenantConnection): Promise<TenantPreflight>;
  /** Runs `work` with the lists of the tenant's directory. */
  withDirectory<T>(connection: TenantConnection, work: (listings: DirectoryListing[]) => Promise<T>): Promise<T>;
  /** A token for a Transporter to work with, from cache while more than five minutes of it are left; `anew`: in no case. */
  access(connection: TenantConnection, options: { anew: boolean }): Promise<GraphAccess>;
  /** Ends all connections. */
  close(): Promise<void>;
}
