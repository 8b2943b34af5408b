import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OLDEST_NATS_SERVER } from './oldest-nats-server.ts';
import { runProgram } from './run-program.ts';
import { findVersion, isAtLeast, versionText } from './version.ts';

const PACKAGE = 'nats-server';
/** Suites that may have it, the most stable first. Its binary needs little: it runs on older releases as well. */
const SUITES = ['stable', 'testing', 'unstable'];
const KEYRINGS = ['/usr/share/keyrings/debian-archive-keyring.gpg', '/usr/share/keyrings/debian-archive-keyring.pgp'];

/**
 * Fetches Debian's package from a newer suite of the mirror that this machine uses already, checked by apt with Debian's
 * keys, and unpacks it below `folder`. Needs no root and changes nothing of the system's own apt. Returns the program's
 * path; rejects on other systems than Debian, and when no suite has a new enough one.
 */
export async function fetchNatsFromDebian(folder: string, env: NodeJS.ProcessEnv): Promise<string> {
  const system = parseOsRelease(await readFile('/etc/os-release', 'utf8').catch(() => ''));
  if (system['ID'] !== 'debian') throw new Error('this is no Debian');
  const mirror = await findMirror(system['VERSION_CODENAME'], env);
  const problems: string[] = [];
  for (const suite of SUITES) {
    try {
      return await fetchFrom(suite, mirror, join(folder, suite), env);
    } catch (error) {
      problems.push(`${suite}: ${(error as Error).message}`);
    }
  }
  throw new Error(problems.join('; '));
}

/** `KEY=value` lines, see os-release(5). */
export function parseOsRelease(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [, key, quoted, plain] of text.matchAll(/^([A-Z_]+)=(?:"(.*)"|(.*))$/gm)) {
    if (key !== undefined) values[key] = quoted ?? plain ?? '';
  }
  return values;
}

/** Asks apt, rather than reading its files, which mirror serves the main component of this machine's own release. */
async function findMirror(codename: string | undefined, env: NodeJS.ProcessEnv): Promise<string> {
  const format = '$(REPO_URI)|$(RELEASE)|$(COMPONENT)';
  const targets = await apt('apt-get', ['indextargets', '--format', format, 'Created-By: Packages'], env);
  const own = [codename, ...SUITES];
  for (const line of targets.split('\n')) {
    const [uri, release, component] = line.split('|');
    if (uri && component === 'main' && own.includes(release)) return uri;
  }
  throw new Error("apt knows no mirror of Debian's main component");
}

async function fetchFrom(suite: string, mirror: string, folder: string, env: NodeJS.ProcessEnv): Promise<string> {
  const options = await privateApt(suite, mirror, folder);
  await apt('apt-get', [...options, 'update', '--quiet'], env);
  const shown = await apt('apt-cache', [...options, 'show', '--no-all-versions', PACKAGE], env);
  const version = findVersion(/^Version: (.*)$/m.exec(shown)?.[1] ?? '');
  if (!version || !isAtLeast(version, OLDEST_NATS_SERVER)) {
    throw new Error(version ? `has version ${versionText(version)} only` : 'does not have it');
  }
  const downloads = join(folder, 'download');
  await mkdir(downloads);
  await apt('apt-get', [...options, 'download', PACKAGE, '--quiet'], env, downloads);
  const archive = (await readdir(downloads)).find((name) => name.endsWith('.deb'));
  if (archive === undefined) throw new Error('apt downloaded nothing');
  const unpacked = join(folder, 'unpacked');
  await apt('dpkg-deb', ['-x', join(downloads, archive), unpacked], env);
  const program = ['usr/sbin', 'usr/bin'].map((place) => join(unpacked, place, PACKAGE)).find(existsSync);
  if (program === undefined) throw new Error('the package has no program');
  return program;
}

/** Options that give apt a world of its own below `folder`, with one suite of one mirror in it. */
async function privateApt(suite: string, mirror: string, folder: string): Promise<string[]> {
  const sources = join(folder, 'suite.sources');
  const nothing = join(folder, 'empty');
  for (const part of ['empty', 'state/lists/partial', 'cache/archives/partial', 'log']) {
    await mkdir(join(folder, part), { recursive: true });
  }
  const keyring = KEYRINGS.find(existsSync);
  const entry = [
    'Types: deb',
    `URIs: ${mirror}`,
    `Suites: ${suite}`,
    'Components: main',
    ...(keyring ? [`Signed-By: ${keyring}`] : []),
  ];
  await writeFile(sources, `${entry.join('\n')}\n`);
  const settings = {
    'Dir::Etc::sourcelist': sources,
    'Dir::Etc::sourceparts': nothing,
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': nothing,
    'Dir::State': join(folder, 'state'),
    'Dir::State::lists': join(folder, 'state/lists'),
    'Dir::State::status': '/var/lib/dpkg/status',
    'Dir::Cache': join(folder, 'cache'),
    'Dir::Log': join(folder, 'log'),
    // The folder belongs to this user alone; apt's own unprivileged user could not write to it.
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
    'APT::Get::List-Cleanup': 'false',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

function apt(program: string, args: string[], env: NodeJS.ProcessEnv, cwd?: string): Promise<string> {
  const options = { env: { ...env, LC_ALL: 'C' }, timeoutMs: 180_000 };
  return runProgram(program, args, cwd === undefined ? options : { ...options, cwd });
}
