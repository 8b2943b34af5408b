import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { Failure, Secret } from '@backhaul/domain';
import { defineSettings, readSettings, type SettingsOf } from '@backhaul/settings';
import { LOG_LEVELS } from '@backhaul/telemetry';
import { z } from 'zod';
import { parseKey } from './secrets/key-encryption-key.ts';
import type { KeySource } from './secrets/installation.ts';

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`);

const list = (separator: string) =>
  z.string().transform((text) =>
    text
      .split(separator)
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  );

const folder = z.string().transform((path) => resolve(path));

/** Every setting of the Director; `docs/settings.md` is printed from it. */
export const DIRECTOR_SETTINGS = defineSettings({
  DATABASE_URL: {
    schema: z.url({
      protocol: /^postgres(ql)?$/,
      error: 'must be an address such as postgres://user:password@host/database',
    }),
    secret: true,
    help: 'PostgreSQL 15 or newer. It holds jobs, runs, grants and sealed secrets: back it up.',
  },
  NATS_URL: {
    schema: z.string().min(1),
    help: 'nats-server 2.12 or newer with JetStream; several addresses of one cluster are separated by commas.',
  },
  BACKHAUL_NATS_CREDENTIALS: {
    // Readers of such files want the last line ended, which a value read from a file no longer is.
    schema: z
      .string()
      .includes('-----BEGIN', { error: 'must be the text of a .creds file' })
      .transform((text) => `${text.trimEnd()}\n`),
    secret: true,
    help: 'Text of the .creds file with which the Director connects to NATS; name the file in BACKHAUL_NATS_CREDENTIALS_FILE.',
  },
  BACKHAUL_NATS_ACCOUNT_SEED: {
    schema: z.string().regex(/^SA[A-Z2-7]{56}$/, 'must be the seed of an account key (SA…)'),
    secret: true,
    help: 'Seed of the NATS account (or its signing key): with it the Director makes the credentials of enrolled Transporters.',
  },
  BACKHAUL_KEY: {
    schema: z
      .string()
      .regex(/^\s*[A-Za-z0-9+/]{43}=\s*$/, 'must be 32 bytes in base64 (openssl rand -base64 32)')
      .optional(),
    secret: true,
    help: 'Key that seals all stored secrets: 32 bytes in base64. Unset: the file director.key in the data folder, made at the first start. Keep a copy of it away from the database; without it no stored secret can be opened.',
  },
  BACKHAUL_HOST: {
    schema: z.string().min(1),
    default: '127.0.0.1',
    help: 'Address to listen on. Any other than a loopback address needs BACKHAUL_TLS_CERTIFICATE and BACKHAUL_TLS_KEY.',
  },
  BACKHAUL_PORT: {
    schema: wholeNumber(0, 65_535),
    default: '8800',
    help: 'Port of the API; 0 takes any free one.',
  },
  BACKHAUL_TLS_CERTIFICATE: {
    schema: z.string().includes('-----BEGIN CERTIFICATE', { error: 'must be a certificate chain in PEM' }).optional(),
    help: 'Certificate chain of the API in PEM; name the file in BACKHAUL_TLS_CERTIFICATE_FILE.',
  },
  BACKHAUL_TLS_KEY: {
    schema: z.string().includes('PRIVATE KEY-----', { error: 'must be a private key in PEM' }).optional(),
    secret: true,
    help: 'Private key of that certificate in PEM; name the file in BACKHAUL_TLS_KEY_FILE.',
  },
  BACKHAUL_GRAPH_HOSTS: {
    schema: list(','),
    default: '',
    help: "Hosts (with port) allowed for tenant connections besides Microsoft's own clouds, separated by commas. Tokens are sent there: name only hosts that you trust.",
  },
  BACKHAUL_CA: {
    schema: z.string().includes('-----BEGIN CERTIFICATE', { error: 'must be certificates in PEM' }).optional(),
    help: 'Certificates in PEM of further authorities to trust in outgoing connections; name the file in BACKHAUL_CA_FILE.',
  },
  BACKHAUL_REPOSITORY_ROOTS: {
    schema: list(delimiter).refine((paths) => paths.every(isAbsolute), 'must be absolute paths'),
    default: '',
    help: `Folders in which repositories on disk may be made, separated by "${delimiter}". Unset: none may.`,
  },
  BACKHAUL_DATA_FOLDER: {
    schema: folder,
    default: 'backhaul-data',
    help: 'Folder for what this host keeps: the key file, the cache.',
  },
  BACKHAUL_CACHE_FOLDER: {
    schema: folder.optional(),
    help: 'Folder for caches of repository indexes; may be deleted while the Director is down. Unset: cache in the data folder.',
  },
  BACKHAUL_LEASE_SECONDS: {
    schema: wholeNumber(4, 600),
    default: '30',
    unit: 'seconds',
    help: "Lease time of running tasks: a dead Transporter's tasks start elsewhere this long after its end, and up to 5 s more.",
  },
  BACKHAUL_WORKERS: {
    schema: wholeNumber(1, 64),
    default: '1',
    help: 'Worker threads with which the Director reads each repository for browsing and checks.',
  },
  BACKHAUL_LOG_LEVEL: {
    schema: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`),
    default: 'info',
    help: 'Least level of the lines written to stderr, one JSON object a line.',
  },
});

/** The Director's settings as the program uses them. */
export interface DirectorSettings {
  databaseUrl: Secret;
  nats: { url: string; credentials: Secret; accountSeed: Secret };
  key: KeySource;
  listen: { host: string; port: number; tls: { certificate: string; key: Secret } | null };
  /** Hosts that tenant connections may name besides Microsoft's own. */
  extraGraphHosts: readonly string[];
  /** PEM, or null. */
  extraCa: string | null;
  repositoryRoots: readonly string[];
  dataFolder: string;
  cacheFolder: string;
  leaseSeconds: number;
  workers: number;
  logLevel: (typeof LOG_LEVELS)[number];
}

/** @throws Failure `invalid-input` (`settings.invalid`) that lists every problem. */
export function readDirectorSettings(env: Readonly<Record<string, string | undefined>>): DirectorSettings {
  return arrange(readSettings(DIRECTOR_SETTINGS, env));
}

function arrange(read: SettingsOf<typeof DIRECTOR_SETTINGS>): DirectorSettings {
  refuseContradictions(read);
  const { BACKHAUL_TLS_CERTIFICATE: certificate, BACKHAUL_TLS_KEY: tlsKey, BACKHAUL_DATA_FOLDER: dataFolder } = read;
  return Object.freeze({
    databaseUrl: read.DATABASE_URL,
    nats: {
      url: read.NATS_URL,
      credentials: read.BACKHAUL_NATS_CREDENTIALS,
      accountSeed: read.BACKHAUL_NATS_ACCOUNT_SEED,
    },
    key:
      read.BACKHAUL_KEY === undefined
        ? { type: 'file', path: join(dataFolder, 'director.key') }
        : { type: 'given', key: parseKey(read.BACKHAUL_KEY) },
    listen: {
      host: read.BACKHAUL_HOST,
      port: read.BACKHAUL_PORT,
      tls: certificate === undefined || tlsKey === undefined ? null : { certificate, key: tlsKey },
    },
    extraGraphHosts: read.BACKHAUL_GRAPH_HOSTS,
    extraCa: read.BACKHAUL_CA ?? null,
    repositoryRoots: read.BACKHAUL_REPOSITORY_ROOTS,
    dataFolder,
    cacheFolder: read.BACKHAUL_CACHE_FOLDER ?? join(dataFolder, 'cache'),
    leaseSeconds: read.BACKHAUL_LEASE_SECONDS,
    workers: read.BACKHAUL_WORKERS,
    logLevel: read.BACKHAUL_LOG_LEVEL,
  } satisfies DirectorSettings);
}

/** Values that are right by themselves but not together. */
function refuseContradictions(read: SettingsOf<typeof DIRECTOR_SETTINGS>): void {
  const hasCertificate = read.BACKHAUL_TLS_CERTIFICATE !== undefined;
  const hasKey = read.BACKHAUL_TLS_KEY !== undefined;
  const problems: Record<string, string> = {};
  if (hasCertificate && !hasKey) problems['BACKHAUL_TLS_KEY'] = 'is missing: certificate and key belong together.';
  if (hasKey && !hasCertificate) {
    problems['BACKHAUL_TLS_CERTIFICATE'] = 'is missing: certificate and key belong together.';
  }
  if (!(hasCertificate && hasKey) && !isLoopback(read.BACKHAUL_HOST)) {
    problems['BACKHAUL_HOST'] =
      `is ${JSON.stringify(read.BACKHAUL_HOST)}, which other machines reach, but there is no TLS certificate. ` +
      'Set BACKHAUL_TLS_CERTIFICATE_FILE and BACKHAUL_TLS_KEY_FILE, or listen on 127.0.0.1.';
  }
  const lines = Object.entries(problems).map(([name, problem]) => `  ${name}: ${problem}`);
  if (lines.length === 0) return;
  throw new Failure('invalid-input', {
    code: 'settings.invalid',
    message: `Settings contradict each other:\n${lines.join('\n')}`,
    hint: 'Correct the variables in the environment of the process and start it again.',
    retry: 'never',
    where: problems,
  });
}

/** True for addresses that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
