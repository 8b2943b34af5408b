import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { errorsPage } from './errors-page.ts';
import { settingsPage } from './settings-page.ts';

const DOCS = resolve(import.meta.dirname, '..', '..', '..', '..', 'docs');

/** Pages of `docs/` that are printed from the code, and what prints them. */
export const PRINTED_PAGES: Readonly<Record<string, () => string>> = {
  'settings.md': settingsPage,
  'api-errors.md': errorsPage,
};

/** The page as it should stand in `docs/`, in the form the formatter wants. */
export async function printPage(name: string): Promise<string> {
  const path = resolve(DOCS, name);
  return format(PRINTED_PAGES[name]?.() ?? '', { ...(await resolveConfig(path)), filepath: path });
}

/** The page as it stands there; empty when there is none. */
export async function readPage(name: string): Promise<string> {
  return readFile(resolve(DOCS, name), 'utf8').catch(() => '');
}

/** Prints every page anew. */
export async function writePages(): Promise<void> {
  for (const name of Object.keys(PRINTED_PAGES)) await writeFile(resolve(DOCS, name), await printPage(name));
}
