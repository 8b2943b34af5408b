import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '@backhaul/domain';
import { z } from 'zod';

const identitySchema = z.object({
  transporterId: z.uuid(),
  name: z.string(),
  /** The installation's name in all subjects. */
  installation: z.string(),
  /** Verifies the signature of offers. */
  directorPublicKey: z.record(z.string(), z.unknown()),
  /** The credential for NATS: bound to this Transporter's id. */
  natsJwt: z.string(),
  natsSeed: z.string(),
  /** Loans are sealed to its public half. */
  sealingPrivateKey: z.record(z.string(), z.unknown()),
});

/** Who this Transporter is; kept in its data folder, readable by its user alone. */
export type Identity = z.output<typeof identitySchema>;

const FILE_NAME = 'identity.json';

/** The identity of an earlier start, or null before the first enrolment. @throws Failure when the file is damaged. */
export async function loadIdentity(dataFolder: string): Promise<Identity | null> {
  const path = join(dataFolder, FILE_NAME);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw unusable(path, error);
  });
  if (text === null) return null;
  try {
    return identitySchema.parse(JSON.parse(text));
  } catch (error) {
    throw unusable(path, error);
  }
}

/** Keeps the identity: whole or not at all, for this user only. */
export async function saveIdentity(dataFolder: string, identity: Identity): Promise<void> {
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  const path = join(dataFolder, FILE_NAME);
  const half = `${path}.${randomUUID()}.tmp`;
  const file = await open(half, 'wx', 0o600);
  try {
    await file.writeFile(JSON.stringify(identity, null, 2));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(half, path);
}

function unusable(path: string, cause: unknown): Failure {
  return new Failure('invalid-input', {
    code: 'transporter.identity-unusable',
    message: `The identity of this Transporter in ${path} cannot be used.`,
    hint: 'Restore the file from a copy, or remove it and enrol again with a new join token.',
    retry: 'never',
    where: { path },
    cause,
  });
}
