export interface SimulatedApplication {
  clientId: string;
  displayName: string;
  roles: string[];
  enabled: boolean;
}

export interface NewApplication {
  displayName?: string;
  /** Application permissions, e.g. `Mail.Read`. */
  roles: string[];
}

export interface ApplicationPatch {
  roles?: string[];
  enabled?: boolean;
  /** Makes a new secret; the old ones stay valid unless `expireSecrets` is set too. */
  addSecret?: boolean;
  /** All secrets made so far count as expired (AADSTS7000222). */
  expireSecrets?: boolean;
}

/** `clientSecret` is there only when one was made. */
export interface ApplicationResult extends SimulatedApplication {
  clientSecret?: string;
}

/** How many mails and invitations the tenant has sent because of requests: a backup or restore must leave both at 0. */
export interface SentCount {
  mails: number;
  invitations: number;
}
