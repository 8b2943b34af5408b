import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from './run-program.ts';

/** The release that is fetched: the version that the product was tested with. */
export const NATS_RELEASE = '2.15.1';

const RELEASES = 'https://github.com/nats-io/nats-server/releases/download';
/** A machine without a way out must not wait long to learn it; the archive itself has some 6 MB. */
const FIRST_ANSWER_MS = 5_000;
const ARCHIVE_MS = 120_000;

/**
 * Downloads the official release for this platform into `folder`, compares it with the release's SHA-256 list, unpacks
 * it, and returns the program's path. Rejects when anything of that is not so.
 */
export async function fetchNatsRelease(folder: string, env: NodeJS.ProcessEnv, releases = RELEASES): Promise<string> {
  const name = archiveName(process.platform, process.arch);
  const sums = await download(`${releases}/v${NATS_RELEASE}/SHA256SUMS`, FIRST_ANSWER_MS);
  const expected = checksumOf(sums.toString('utf8'), name);
  if (expected === undefined) throw new Error(`the release has no ${name}`);
  const archive = await download(`${releases}/v${NATS_RELEASE}/${name}`, ARCHIVE_MS);
  if (createHash('sha256').update(archive).digest('hex') !== expected) {
    throw new Error(`${name} does not match its SHA-256 checksum and was thrown away`);
  }
  const file = join(folder, name);
  await writeFile(file, archive);
  const unpacked = join(folder, 'unpacked');
  await mkdir(unpacked);
  // The tar of Windows unpacks zip files too.
  await runProgram('tar', ['-xf', file, '-C', unpacked, '--strip-components=1'], { env, timeoutMs: 60_000 });
  return join(unpacked, process.platform === 'win32' ? 'nats-server.exe' : 'nats-server');
}

/** The release's own name for the archive of a platform of Node. */
export function archiveName(platform: string, architecture: string): string {
  const system = platform === 'win32' ? 'windows' : platform;
  const processor = architecture === 'x64' ? 'amd64' : architecture === 'ia32' ? '386' : architecture;
  return `nats-server-v${NATS_RELEASE}-${system}-${processor}.${platform === 'win32' ? 'zip' : 'tar.gz'}`;
}

/** The checksum of one file in a list of lines `<hex>  <name>`. */
export function checksumOf(list: string, name: string): string | undefined {
  for (const line of list.split('\n')) {
    const [sum, file] = line.trim().split(/\s+\*?/);
    if (file === name && sum && /^[0-9a-f]{64}$/i.test(sum)) return sum.toLowerCase();
  }
  return undefined;
}

async function download(url: string, timeoutMs: number): Promise<Buffer> {
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  } catch (cause) {
    throw new Error(`it cannot be reached`, { cause });
  }
  if (!response.ok) throw new Error(`it answered ${response.status} for ${url}`);
  return Buffer.from(await response.arrayBuffer());
}
