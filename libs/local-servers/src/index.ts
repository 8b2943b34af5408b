/**
 * PostgreSQL and nats-server for tests, demo and evaluation: given, in containers, or as processes of our own that end
 * with this one. Start here: `startPostgres`, `createDatabase`, `startNats`.
 */
export { startPostgres, OLDEST_POSTGRES, type PostgresOptions, type PostgresServer } from './postgres.ts';
export { createDatabase, type TestDatabase } from './database.ts';
export { startNats, type NatsOptions, type NatsServer } from './nats.ts';
export { findNatsServer, type FindNatsOptions, type NatsBinary, type NatsFetcher } from './nats-binary.ts';
export { OLDEST_NATS_SERVER } from './oldest-nats-server.ts';
export {
  createNatsAuthority,
  directorCredentials,
  loadNatsAuthority,
  saveNatsAuthority,
  systemCredentials,
  type NatsAuthority,
} from './nats-authority.ts';
export type { NatsTlsFiles } from './nats-config.ts';
export type { Provider } from './provider.ts';
export { ServerUnavailable } from './unavailable.ts';
export { freePort } from './free-port.ts';
