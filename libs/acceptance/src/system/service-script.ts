import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The script that starts a built service, e.g. `director`. Services run from their build, also when we run from sources. */
export function serviceScript(service: string): string {
  const script = join(workspaceRoot(), 'services', service, 'dist', 'src', 'main.js');
  if (existsSync(script)) return script;
  throw new Error(`${script} is missing: run \`npm run build\` first.`);
}

/** The nearest folder above with an `nx.json`: sources and build lie at different depths below it. */
function workspaceRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'nx.json'))) {
    const above = dirname(folder);
    if (above === folder) throw new Error('This program runs only inside the checkout of the project.');
    folder = above;
  }
  return folder;
}
