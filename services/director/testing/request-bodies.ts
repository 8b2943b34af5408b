import { randomUUID } from 'node:crypto';
import type { Simulator } from '@backhaul/graph-simulator';
import type { Inventory } from './running-api.ts';

/** A job over all mailboxes of an inventory under a new name; the test names what matters. */
export function newJob(inventory: Inventory, changes: object = {}): object {
  return {
    name: `job ${randomUUID()}`,
    tenantId: inventory.tenantId,
    repositoryId: inventory.repositoryId,
    objectIds: inventory.mailboxes,
    ...changes,
  };
}

/** A connection to the simulated tenant that works. */
export function newTenant(simulator: Simulator, changes: object = {}): object {
  return {
    name: 'Contoso',
    directoryId: simulator.tenantId,
    clientId: simulator.clientId,
    credential: { type: 'secret', secret: simulator.clientSecret },
    loginUrl: simulator.loginUrl,
    graphUrl: simulator.graphUrl,
    ...changes,
  };
}
