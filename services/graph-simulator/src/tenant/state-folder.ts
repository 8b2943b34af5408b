import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tenantShape, type SimulatorOptions, type TenantShape } from '../options.ts';

const FORMAT = 2;

interface Header {
  format: number;
  shape: TenantShape;
}

const SHAPING = [
  'seed',
  'mailboxes',
  'messages',
  'largeFolder',
  'bytes',
  'oddities',
  'contacts',
  'events',
  'drives',
  'files',
  'fileBytes',
  'largeFile',
] as const satisfies (keyof TenantShape)[];

/**
 * The shape of the tenant that a state folder holds; a new folder gets one from the options.
 * @throws Error when the folder holds a tenant of another shape than the options ask for, or was made by another version
 */
export function shapeOfStateFolder(folder: string, options: SimulatorOptions): TenantShape {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'tenant.json');
  if (!existsSync(path)) {
    const header: Header = { format: FORMAT, shape: tenantShape(options) };
    writeFileSync(`${path}.new`, JSON.stringify(header), { mode: 0o600 });
    renameSync(`${path}.new`, path);
    return header.shape;
  }
  const { format, shape } = JSON.parse(readFileSync(path, 'utf8')) as Header;
  if (format !== FORMAT) throw new Error(`${folder} holds a tenant of format ${format}, this program reads ${FORMAT}`);
  for (const name of SHAPING) {
    if (options[name] !== undefined && options[name] !== shape[name]) {
      throw new Error(
        `${folder} holds a tenant with ${name} ${shape[name]}, not ${options[name]}: use another --state folder`,
      );
    }
  }
  return shape;
}
