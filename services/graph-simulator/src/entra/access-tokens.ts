import { randomUUID } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { GraphError } from '../http/graph-error.ts';
import type { CallingApp } from '../http/graph-request.ts';
import type { ApplicationRecord } from '../tenant/event.ts';
import type { Tenant } from '../tenant/tenant.ts';

const AUDIENCE = 'https://graph.microsoft.com';

interface KnownToken {
  app: CallingApp;
  issued: number;
  expires: number;
}

/** Makes access tokens and tells what those that come back say. Clients must treat them as opaque. */
export class AccessTokens {
  readonly #tenant: Tenant;
  readonly #key: Uint8Array;
  readonly #known = new Map<string, KnownToken>();
  readonly #dead = new Set<string>();

  /** @param key secret of the state folder, so that tokens outlive a restart */
  constructor(tenant: Tenant, key: Uint8Array) {
    this.#tenant = tenant;
    this.#key = key;
  }

  async issue(
    application: ApplicationRecord,
    withCertificate: boolean,
    now: Date,
  ): Promise<{ token: string; expiresIn: number }> {
    const expiresIn = this.#tenant.settings.tokenLifetimeSeconds;
    const seconds = Math.floor(now.getTime() / 1000);
    const token = await new SignJWT({
      appid: application.clientId,
      app_displayname: application.displayName,
      appidacr: withCertificate ? '2' : '1',
      idtyp: 'app',
      oid: application.clientId,
      tid: this.#tenant.id,
      ver: '1.0',
      ...(application.roles.length > 0 && { roles: application.roles }),
      uti: randomUUID(),
    })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: 'simulator' })
      .setIssuer(`https://sts.windows.net/${this.#tenant.id}/`)
      .setAudience(AUDIENCE)
      .setSubject(application.clientId)
      .setIssuedAt(seconds)
      .setNotBefore(seconds)
      .setExpirationTime(seconds + expiresIn)
      .sign(this.#key);
    return { token, expiresIn };
  }

  /** @throws GraphError 401 for a token that is missing, foreign, expired or revoked */
  async check(authorization: string | undefined, now: Date): Promise<CallingApp> {
    if (authorization === undefined) throw unauthorized('Access token is empty.');
    const token = /^Bearer (.+)$/i.exec(authorization)?.[1];
    if (token === undefined) throw unauthorized('Access token is empty.');
    const known = this.#known.get(token) ?? (await this.#read(token));
    const seconds = now.getTime() / 1000;
    const revoked = this.#dead.has(token) || known.issued < this.#tenant.tokensValidFrom;
    if (revoked || seconds >= known.expires) throw unauthorized('Lifetime validation failed, the token is expired.');
    return known.app;
  }

  /** The token of this header is refused from now on. */
  kill(authorization: string | undefined): void {
    const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
    if (token !== undefined) this.#dead.add(token);
  }

  async #read(token: string): Promise<KnownToken> {
    try {
      // Lifetime is checked at each use, so that it is not read from a clock of its own here.
      const { payload } = await jwtVerify(token, this.#key, {
        audience: AUDIENCE,
        currentDate: new Date(0),
        clockTolerance: 1e12,
      });
      const expires = payload.exp ?? 0;
      const roles = new Set((payload['roles'] as string[] | undefined) ?? []);
      const known = { app: { clientId: payload['appid'] as string, roles }, issued: payload.iat ?? 0, expires };
      if (this.#known.size > 10_000) this.#known.clear();
      this.#known.set(token, known);
      return known;
    } catch {
      throw unauthorized('IDX14100: JWT is not well formed, or its signature is not valid.');
    }
  }
}

function unauthorized(message: string): GraphError {
  return new GraphError(401, 'InvalidAuthenticationToken', message, {
    headers: {
      'WWW-Authenticate': `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="invalid_token", error_description="${message}"`,
    },
  });
}
