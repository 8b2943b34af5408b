/** What the simulator prints, as one JSON line, when it accepts requests. */
export interface SimulatorReady {
  /** Root of Graph, e.g. `https://127.0.0.1:40001` (stands for `https://graph.microsoft.com`). */
  graphUrl: string;
  /** Root of the login host (stands for `https://login.microsoftonline.com`). */
  loginUrl: string;
  controlUrl: string;
  /** Bearer token of the control port. */
  controlToken: string;
  tenantId: string;
  /** The first application: it holds `User.Read.All`, `Group.Read.All`, `Sites.Read.All`, `Organization.Read.All`, `MailboxSettings.Read` and `Mail.ReadWrite`. */
  clientId: string;
  clientSecret: string;
  /** A certificate registered for the same application. */
  clientCertificate: ClientCertificate;
  /** PEM file of the authority that signed the server's certificate (for NODE_EXTRA_CA_CERTS or an explicit `ca`). */
  caPath: string;
  pid: number;
}

export interface ClientCertificate {
  /** PEM file with the certificate. */
  certificatePath: string;
  /** PEM file with the private key (PKCS #8). */
  keyPath: string;
  /** SHA-256 of the certificate in upper-case hex, as `@azure/msal-node` wants it. */
  thumbprintSha256: string;
}
