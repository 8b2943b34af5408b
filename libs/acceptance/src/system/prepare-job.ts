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
  /** What it protects. */
  objects: ObjectView[];
}

/**
 * Does through the API what an operator does first: connects the tenant, makes a repository, reads the inventory, and makes
 * a job that protects all mailboxes with messages and all OneDrives, or those of `protect`.
 */
export async function prepareJob(
  system: System,
  options: Partial<Pick<NewJob, 'name' | 'priority' | 'transporterLoad'>> & {
    protect?: (object: ObjectView) => boolean;
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
  const { protect = await holdsSomething(system), ...job } = options;
  const inventory = [...(await api.inventory(tenantId, 'mailbox')), ...(await api.inventory(tenantId, 'oneDrive'))];
  const objects = inventory.filter(protect);
  const { id: jobId } = await api.createJob({
    name: 'Everything',
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

async function holdsSomething(system: System): Promise<(object: ObjectView) => boolean> {
  const users = await system.control.users();
  const holders = new Set(users.filter((user) => user.messages > 0).map((user) => user.id));
  return ({ kind, externalId }) => kind === 'oneDrive' || holders.has(externalId);
}
