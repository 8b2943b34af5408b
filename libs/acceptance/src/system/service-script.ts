import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from './workspace-root.ts';

/** The script that starts a built service, e.g. `director`. Services run from their build, also when we run from sources. */
export function serviceScript(service: string): string {
  const script = join(workspaceRoot(), 'services', service, 'dist', 'src', 'main.js');
  if (existsSync(script)) return script;
  throw new Error(`${script} is missing: run \`npm run build\` first.`);
}
