import { randomUUID } from 'node:crypto';

/** An error of the token endpoint: OAuth's `error`, and the number that says what it was. */
export class TokenError extends Error {
  readonly status: number;
  readonly error: string;
  /** E.g. 7000215. */
  readonly code: number;

  constructor(status: number, error: string, code: number, message: string) {
    super(message);
    this.status = status;
    this.error = error;
    this.code = code;
  }
}

/** The errors of client credentials, as Entra words them. */
export const AADSTS = {
  wrongSecret: (app: string) =>
    new TokenError(
      401,
      'invalid_client',
      7000215,
      `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${app}'.`,
    ),
  secretExpired: (app: string) =>
    new TokenError(
      401,
      'invalid_client',
      7000222,
      `The provided client secret keys for app '${app}' are expired. Visit the Azure portal to create new keys for your app.`,
    ),
  unknownApplication: (app: string, tenant: string) =>
    new TokenError(
      400,
      'unauthorized_client',
      700016,
      `Application with identifier '${app}' was not found in the directory '${tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.`,
    ),
  applicationDisabled: (app: string) =>
    new TokenError(400, 'unauthorized_client', 7000112, `Application '${app}' is disabled.`),
  tenantNotFound: (tenant: string) =>
    new TokenError(
      400,
      'invalid_request',
      90002,
      `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`,
    ),
  tenantMalformed: (tenant: string) =>
    new TokenError(
      400,
      'invalid_request',
      900023,
      `Specified tenant identifier '${tenant}' is neither a valid DNS name, nor a valid external domain.`,
    ),
  tenantMissing: () =>
    new TokenError(
      400,
      'invalid_request',
      50059,
      'No tenant-identifying information found in either the request or implied by any provided credentials.',
    ),
  badScope: (scope: string) =>
    new TokenError(
      400,
      'invalid_scope',
      70011,
      `The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope ${scope} is not valid.`,
    ),
  notDefaultScope: (scope: string) =>
    new TokenError(
      400,
      'invalid_scope',
      1002012,
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
    ),
  unknownResource: (resource: string, tenant: string) =>
    new TokenError(
      400,
      'invalid_resource',
      500011,
      `The resource principal named ${resource} was not found in the tenant named ${tenant}.`,
    ),
  noCredential: () =>
    new TokenError(
      401,
      'invalid_client',
      7000216,
      "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
    ),
  unknownCertificate: () =>
    new TokenError(
      401,
      'invalid_client',
      700027,
      'The certificate with identifier used to sign the client assertion is not registered on application, or the signature is not valid.',
    ),
  assertionTime: () =>
    new TokenError(401, 'invalid_client', 700024, 'Client assertion is not within its valid time range.'),
  assertionAudience: () =>
    new TokenError(
      401,
      'invalid_client',
      700021,
      'Client assertion application identifier or audience does not match the token endpoint.',
    ),
  unsupportedGrant: (grant: string) =>
    new TokenError(400, 'unsupported_grant_type', 70003, `The app requested an unsupported grant type '${grant}'.`),
  missingParameter: (name: string) =>
    new TokenError(400, 'invalid_request', 900144, `The request body must contain the following parameter: '${name}'.`),
};

/** The body of an error answer. */
export function tokenErrorBody({ error, code, message }: TokenError, now: Date): object {
  const trace = randomUUID();
  const correlation = randomUUID();
  const timestamp = `${now.toISOString().slice(0, 19).replace('T', ' ')}Z`;
  return {
    error,
    error_description: `AADSTS${code}: ${message}\r\nTrace ID: ${trace}\r\nCorrelation ID: ${correlation}\r\nTimestamp: ${timestamp}`,
    error_codes: [code],
    timestamp,
    trace_id: trace,
    correlation_id: correlation,
    error_uri: `https://login.microsoftonline.com/error?code=${code}`,
  };
}
