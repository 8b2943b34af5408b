import 'reflect-metadata';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Clock, Secret } from '@backhaul/domain';
import type { Logger } from '@backhaul/telemetry';
import { DataSource } from 'typeorm';
import { AccessGuard } from '../access/access.guard.ts';
import { GuessLimiter } from '../access/guess-limiter.ts';
import type { DirectorCore } from '../core/director-core.ts';
import { Readiness } from '../health/readiness.ts';
import type { AddRepositoryParts } from '../repositories/add-repository.ts';
import { OpenRepositories } from '../repositories/open-repositories.ts';
import { RepositoryChecks } from '../repositories/repository-checks.ts';
import type { TenantParts } from '../tenants/connect-tenant.ts';
import type { Enroller } from '../transporters/enrol.ts';
import { AnswerInterceptor } from './answer.interceptor.ts';
import { answerClientError } from './client-errors.ts';
import { CONTROLLERS } from './controllers.ts';
import { Cursors } from './cursor.ts';
import { IdempotencyInterceptor } from './idempotency.ts';
import { ADD_REPOSITORY, CLOCK, CORE, ENROLLER, TENANT_PARTS } from './inject.ts';
import { nestLogger } from './nest-logger.ts';
import { openApiDocument } from './openapi.ts';
import { ApiDocument } from './openapi.controller.ts';
import { ProblemFilter } from './problem.filter.ts';
import { RequestKeys } from './request-key.store.ts';
import { requestContext } from './request-context.ts';
import { refuseOtherMedia, refuseOtherMethods, RequestFormGuard } from './request-form.ts';
import { KnownAddresses, routesOf } from './routes.ts';

/** Everything that the API works with; made and ended by the caller. */
export interface ApiParts {
  database: DataSource;
  clock: Clock;
  log: Logger;
  core: DirectorCore;
  readiness: Readiness;
  tenants: TenantParts;
  addRepository: AddRepositoryParts;
  repositories: OpenRepositories;
  enroller: Enroller;
  /** Signs cursors; the same in all Directors of the installation. */
  cursorKey: Buffer;
  /** Makes fingerprints of requests under an `Idempotency-Key`; the same in all of them, too. */
  fingerprintKey: Buffer;
  version: string;
}

export interface ListenOptions {
  host: string;
  /** 0 takes any free one. */
  port: number;
  tls: { certificate: string; key: Secret } | null;
}

export interface RunningApi {
  /** e.g. `http://127.0.0.1:8800`. */
  url: string;
  /** Answers what is under way, accepts nothing new. Idempotent. */
  close(): Promise<void>;
}

/** Larger than a job with 10,000 objects. */
const MAX_BODY = '1mb';
/** A request line with headers that never ends is given up. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;

@Module({})
class ApiModule {}

/** Starts to answer over HTTP. @throws when the address cannot be listened on (`EADDRINUSE`, `EACCES` …). */
export async function startApi(parts: ApiParts, { host, port, tls }: ListenOptions): Promise<RunningApi> {
  const app = await NestFactory.create<NestExpressApplication>(apiModule(parts), {
    logger: nestLogger(parts.log),
    bodyParser: false,
    abortOnError: false,
    forceCloseConnections: true,
    ...(tls === null ? {} : { httpsOptions: { cert: tls.certificate, key: tls.key.reveal() } }),
  });
  app.disable('x-powered-by').disable('etag');
  app.set('query parser', 'simple');
  app.use(requestContext);
  app.use(refuseOtherMethods(new KnownAddresses(routesOf(CONTROLLERS))));
  app.use(refuseOtherMedia);
  app.useBodyParser('json', { limit: MAX_BODY, inflate: false, strict: false });
  const server = app.getHttpServer();
  server.on('clientError', answerClientError);
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  try {
    await app.listen(port, host);
  } catch (error) {
    await app.close();
    throw error;
  }
  return { url: urlOf(server, host, tls !== null), close: once(() => app.close()) };
}

function apiModule(parts: ApiParts): DynamicModule {
  const { database, clock, log } = parts;
  const limiter = new GuessLimiter(clock);
  const { secrets } = parts.tenants;
  const requestKeys = new RequestKeys({ database, secrets, clock, fingerprintKey: parts.fingerprintKey });
  return {
    module: ApiModule,
    controllers: CONTROLLERS,
    providers: [
      { provide: DataSource, useValue: database },
      { provide: CLOCK, useValue: clock },
      { provide: CORE, useValue: parts.core },
      { provide: ENROLLER, useValue: parts.enroller },
      { provide: TENANT_PARTS, useValue: parts.tenants },
      { provide: ADD_REPOSITORY, useValue: parts.addRepository },
      { provide: OpenRepositories, useValue: parts.repositories },
      { provide: RepositoryChecks, useValue: new RepositoryChecks(parts.repositories, clock) },
      { provide: Readiness, useValue: parts.readiness },
      { provide: GuessLimiter, useValue: limiter },
      { provide: Cursors, useValue: new Cursors(parts.cursorKey) },
      { provide: ApiDocument, useValue: new ApiDocument(openApiDocument(CONTROLLERS, parts.version)) },
      { provide: APP_GUARD, useValue: new AccessGuard(database, clock, limiter) },
      { provide: APP_GUARD, useValue: new RequestFormGuard() },
      // The first is the outermost: what is remembered under a key is what was sent.
      { provide: APP_INTERCEPTOR, useValue: new IdempotencyInterceptor(requestKeys) },
      { provide: APP_INTERCEPTOR, useValue: new AnswerInterceptor() },
      { provide: APP_FILTER, useValue: new ProblemFilter(log) },
    ],
  };
}

function urlOf(server: Server, host: string, isTls: boolean): string {
  const { port } = server.address() as AddressInfo;
  return `${isTls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  return () => (done ??= work());
}
