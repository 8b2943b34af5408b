import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSystem, type System, type SystemOptions, type TenantShape } from '../../src/system/start-system.ts';

/** A whole system for one test file; its folder goes with it, unless BACKHAUL_KEEP_LOGS is set. */
export interface SmallSystem extends System {
  readonly folder: string;
}

export type SmallSystemOptions = Omit<SystemOptions, 'folder' | 'tenant'> & { tenant: Partial<TenantShape> };

/** Starts every part as a process of its own, with a tenant of a few hundred messages. */
export async function startSmallSystem({ tenant, ...options }: SmallSystemOptions): Promise<SmallSystem> {
  const folder = await mkdtemp(join(tmpdir(), 'backhaul-acceptance-'));
  const keep = process.env['BACKHAUL_KEEP_LOGS'] !== undefined;
  if (keep) process.stderr.write(`Logs and data are kept in ${folder}\n`);
  const remove = () => (keep ? Promise.resolve() : rm(folder, { recursive: true, force: true }));
  try {
    const system = await startSystem({
      folder,
      tenant: { seed: 1, mailboxes: 6, messages: 180, largeFolder: 30, bytes: 4_000_000, latencyMs: 20, ...tenant },
      ...options,
    });
    return {
      ...system,
      folder,
      async stop() {
        await system.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
