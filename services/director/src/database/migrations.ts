import type { MigrationInterface } from 'typeorm';
import { FirstSchema1764000000001 } from './migrations/0001-first-schema.ts';
import { GrantTasks1764000000002 } from './migrations/0002-grant-tasks.ts';
import { BackupExtras1764000000003 } from './migrations/0003-backup-extras.ts';

/** Every step from an empty database to the present schema, oldest first. A released step is never changed. */
export const MIGRATIONS: (new () => MigrationInterface)[] = [
  FirstSchema1764000000001,
  GrantTasks1764000000002,
  BackupExtras1764000000003,
];
