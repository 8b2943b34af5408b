import { availableParallelism } from 'node:os';
import { delimiter } from 'node:path';
import { defineSettings, type SettingsOf } from '@backhaul/settings';
import { LOG_LEVELS } from '@backhaul/telemetry';
import { z } from 'zod';

/** Everything a Transporter is told by its environment. `docs/settings.md` is printed from this. */
export const TRANSPORTER_SETTINGS = defineSettings({
  NATS_URL: {
    schema: z.string().min(1),
    help: 'nats-server as seen from this host; several addresses of one cluster are separated by commas.',
  },
  BACKHAUL_DATA_FOLDER: {
    schema: z.string().min(1),
    help: 'Where this Transporter keeps its identity (0600) and its local indexes; a folder of its own. Losing it means enrolling anew.',
  },
  BACKHAUL_DIRECTOR_URL: {
    schema: z.url().optional(),
    help: "The Director's address, e.g. https://backhaul.example.com:8800; needed once, to enrol.",
  },
  BACKHAUL_JOIN_TOKEN: {
    schema: z.string().min(1).optional(),
    secret: true,
    help: 'A join token made by an administrator; needed once, to enrol, and used up by it.',
  },
  BACKHAUL_TRANSPORTER_NAME: {
    schema: z.string().min(1).max(255).optional(),
    help: 'The name this Transporter enrols under; by default the name of the host.',
  },
  BACKHAUL_SLOTS: {
    schema: z.coerce.number().int().min(1).max(100),
    default: '4',
    unit: 'tasks',
    help: 'How many tasks this Transporter works on at the same time; each needs about 40 MiB of memory.',
  },
  BACKHAUL_WORKERS: {
    schema: z.coerce.number().int().min(1).max(64),
    default: String(Math.min(availableParallelism(), 8)),
    defaultInWords: 'one per core, at most 8',
    unit: 'threads',
    help: 'Threads for hashing, compression and encryption, for each repository in use; by default one per core, at most 8.',
  },
  BACKHAUL_REPOSITORY_ROOTS: {
    schema: z
      .string()
      .min(1)
      .transform((text) => text.split(delimiter).filter((part) => part !== '')),
    help: `Folders, separated by "${delimiter}", below which repositories on a disk may lie on this host. Others are refused.`,
  },
  BACKHAUL_LEASE_SECONDS: {
    schema: z.coerce.number().min(2).max(600),
    default: '30',
    unit: 'seconds',
    help: 'Life of a lease without renewal. Must be the same as at the Director.',
  },
  BACKHAUL_SHUTDOWN_GRACE_SECONDS: {
    schema: z.coerce.number().min(1).max(600),
    default: '25',
    unit: 'seconds',
    help: 'How long running tasks may take, after SIGTERM, to come to a safe point and give way; in the last fifth they are cut off and given back.',
  },
  BACKHAUL_CA: {
    schema: z.string().includes('-----BEGIN CERTIFICATE', { error: 'must be certificates in PEM' }).optional(),
    help: 'Certificates in PEM of further authorities to trust in outgoing connections; name the file in BACKHAUL_CA_FILE.',
  },
  BACKHAUL_LOG_LEVEL: {
    schema: z.enum(LOG_LEVELS),
    default: 'info',
    help: 'Lines below this level are not written.',
  },
});

export type TransporterSettings = SettingsOf<typeof TRANSPORTER_SETTINGS>;
