import { timingSafeEqual, createHash } from 'node:crypto';
import type { Reply } from '../http/reply.ts';
import { DOMAIN } from '../directory/people.ts';
import type { ApplicationRecord } from '../tenant/event.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { AADSTS, TokenError, tokenErrorBody } from './aadsts.ts';
import type { AccessTokens } from './access-tokens.ts';
import { checkAssertion, claimedClient } from './client-assertion.ts';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Discovery and token endpoint of Entra, for client credentials. */
export class LoginService {
  readonly #tenant: Tenant;
  readonly #tokens: AccessTokens;
  /** Root of the login host; also the root of Graph, whose scope may be asked for. */
  root = '';

  constructor(tenant: Tenant, tokens: AccessTokens) {
    this.#tenant = tenant;
    this.#tokens = tokens;
  }

  /** Null when the path belongs to someone else. @param path without query */
  async answer(method: string, path: string, body: () => Promise<Buffer>, now: Date): Promise<Reply | null> {
    const token = /^\/([^/]+)\/oauth2\/v2\.0\/token$/.exec(path);
    const discovery = /^\/([^/]+)\/v2\.0\/\.well-known\/openid-configuration$/.exec(path);
    if (token === null && discovery === null) return null;
    try {
      const tenant = decodeURIComponent((token ?? discovery)![1]!);
      this.#checkTenant(tenant);
      if (discovery !== null) return { status: 200, json: this.#configuration(tenant) };
      if (method !== 'POST')
        throw new TokenError(
          405,
          'invalid_request',
          900561,
          `The endpoint only accepts POST requests. Received a ${method} request.`,
        );
      return {
        status: 200,
        json: await this.#issue(tenant, new URLSearchParams((await body()).toString('utf8')), now),
      };
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      return { status: error.status, json: tokenErrorBody(error, now), contentType: 'application/json; charset=utf-8' };
    }
  }

  #checkTenant(name: string): void {
    if (name === 'common' || name === 'organizations' || name === 'consumers') throw AADSTS.tenantMissing();
    if (name.toLowerCase() === this.#tenant.id || name.toLowerCase() === DOMAIN) return;
    throw GUID.test(name) || name.includes('.') ? AADSTS.tenantNotFound(name) : AADSTS.tenantMalformed(name);
  }

  #configuration(tenant: string): object {
    const base = `${this.root}/${tenant}`;
    return {
      token_endpoint: `${base}/oauth2/v2.0/token`,
      token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
      jwks_uri: `${base}/discovery/v2.0/keys`,
      response_modes_supported: ['query', 'fragment', 'form_post'],
      subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
      response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
      scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
      issuer: `${this.root}/${this.#tenant.id}/v2.0`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      end_session_endpoint: `${base}/oauth2/v2.0/logout`,
      tenant_region_scope: 'EU',
      cloud_instance_name: 'microsoftonline.com',
    };
  }

  async #issue(tenant: string, form: URLSearchParams, now: Date): Promise<object> {
    const grant = form.get('grant_type');
    if (grant === null) throw AADSTS.missingParameter('grant_type');
    if (grant !== 'client_credentials') throw AADSTS.unsupportedGrant(grant);
    const assertion = form.get('client_assertion');
    const clientId = form.get('client_id') ?? (assertion === null ? null : claimedClient(assertion));
    if (clientId === null) throw AADSTS.missingParameter('client_id');
    const application = this.#tenant.applications.get(clientId);
    if (application === undefined) throw AADSTS.unknownApplication(clientId, tenant);
    if (!application.enabled) throw AADSTS.applicationDisabled(clientId);
    if (assertion === null) checkSecret(application, form.get('client_secret'));
    else {
      if (form.get('client_assertion_type') !== ASSERTION_TYPE) throw AADSTS.missingParameter('client_assertion_type');
      await checkAssertion(assertion, application, this.#endpoints(tenant), now);
    }
    this.#checkScope(form.get('scope'), tenant);
    const { token, expiresIn } = await this.#tokens.issue(application, assertion !== null, now);
    return { token_type: 'Bearer', expires_in: expiresIn, ext_expires_in: expiresIn, access_token: token };
  }

  #endpoints(tenant: string): string[] {
    return [tenant, this.#tenant.id].map((name) => `${this.root}/${name}/oauth2/v2.0/token`);
  }

  #checkScope(text: string | null, tenant: string): void {
    // Libraries ask for OpenID scopes along with the resource's.
    const scopes = (text ?? '')
      .split(' ')
      .filter((scope) => scope !== '' && !['openid', 'profile', 'offline_access', 'email'].includes(scope));
    const [scope] = scopes;
    if (scope === undefined || scopes.length > 1) throw AADSTS.badScope(text ?? '');
    if (!scope.endsWith('/.default')) throw AADSTS.notDefaultScope(scope);
    const resource = scope.slice(0, -'/.default'.length).replace(/\/$/, '');
    const known = ['https://graph.microsoft.com', '00000003-0000-0000-c000-000000000000', this.root];
    if (!known.includes(resource)) throw AADSTS.unknownResource(resource, tenant);
  }
}

function checkSecret(application: ApplicationRecord, given: string | null): void {
  if (given === null) throw AADSTS.noCredential();
  const found = application.secrets.find(({ value }) => timingSafeEqual(sha256(value), sha256(given)));
  if (found === undefined) throw AADSTS.wrongSecret(application.clientId);
  if (found.expired) throw AADSTS.secretExpired(application.clientId);
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
