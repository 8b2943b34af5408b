import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatOf } from './message-formats.ts';
import { samples } from './samples.ts';

/**
 * Messages as each release sent them: `golden/<release>/<name>.bin` with what it means in `<name>.json`. Every later release
 * must still read them. Before a release: `node --conditions=@backhaul/source testing/golden.ts <release>` adds its folder.
 */
export const goldenFolder = join(import.meta.dirname, 'golden');

/** One kept message. */
export interface GoldenMessage {
  release: string;
  name: string;
  bytes: Uint8Array;
  meaning: unknown;
}

/** All kept messages of all releases. */
export function goldenMessages(): GoldenMessage[] {
  return readdirSync(goldenFolder).flatMap((release) =>
    readdirSync(join(goldenFolder, release))
      .filter((file) => file.endsWith('.bin'))
      .map((file) => {
        const name = file.replace(/\.bin$/, '');
        const path = join(goldenFolder, release, name);
        const meaning: unknown = JSON.parse(readFileSync(`${path}.json`, 'utf8'));
        return { release, name, bytes: new Uint8Array(readFileSync(`${path}.bin`)), meaning };
      }),
  );
}

function keepRelease(release: string): void {
  const folder = join(goldenFolder, release);
  if (existsSync(folder)) throw new Error(`The messages of release ${release} are kept already; they never change.`);
  mkdirSync(folder);
  for (const [name, sample] of Object.entries(samples)) {
    writeFileSync(join(folder, `${name}.bin`), formatOf(name).encode(sample));
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(sample, null, 2)}\n`);
  }
}

const release = process.argv[2];
if (import.meta.main && release !== undefined) keepRelease(release);
