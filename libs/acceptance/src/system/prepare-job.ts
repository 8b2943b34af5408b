import { join } from 'node:path';
import type { NewJob, ObjectView } from './director-client.ts';
import type { System } from './start-system.ts';

/** A job on the simulated tenant, with what was made for it. */
export interface PreparedJob {
  tenantId: string;
  repositoryId: string;
  repositoryFolder: string;
  /** Opens the repository without any Director. */
  repositoryPassword: string;
  jobId: string;
  /** The mailboxes it protects. */
  objects: ObjectView[];
}

/**
 * Does through the API what an operator does first: connects the tenant, makes a repository, reads the inventory, and makes
 * a job that protects every mailbox of `protect` (default: all that hold messages).
 */
export async function prepareJob(
  system: System,
  options: Partial<Pick<NewJob, 'name' | 'priority' | 'transporterLoad'>> & {
    protect?: (userId: string) => boolean;
  } = {},
): Promise<PreparedJob> {
  const { api, tenant } = system;
  const { id: tenantId } = await api.connectTenant({
    name: 'Example Ltd',
    directoryId: tenant.tenantId,
    clientId: tenant.clientId,
    credential: { type: 'secret', secret: tenant.clientSecret },
    loginUrl: tenant.loginUrl,
    graphUrl: tenant.graphUrl,
  });
  const repositoryFolder = join(system.repositoryRoot, 'main');
  const repository = await api.createRepository({ name: 'Main repository', folder: repositoryFolder });
  if (repository.generatedPassword === null) throw new Error('No password was made for the repository.');
  await api.refreshInventory(tenantId);
  const { protect = await holdsMessages(system), ...job } = options;
  const objects = (await api.inventory(tenantId, 'mailbox')).filter((object) => protect(object.externalId));
  const { id: jobId } = await api.createJob({
    name: 'All mailboxes',
    tenantId,
    repositoryId: repository.id,
    objectIds: objects.map((object) => object.id),
    ...job,
  });
  return {
    tenantId,
    repositoryId: repository.id,
    repositoryFolder,
    repositoryPassword: repository.generatedPassword,
    jobId,
    objects,
  };
}

async function holdsMessages(system: System): Promise<(userId: string) => boolean> {
  const users = await system.control.users();
  const holders = new Set(users.filter((user) => user.messages > 0).map((user) => user.id));
  return (userId) => holders.has(userId);
}
