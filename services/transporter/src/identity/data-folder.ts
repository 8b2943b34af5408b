import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, realpath, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '@backhaul/domain';

/** A data folder that no other process of this host works with. */
export interface DataFolder {
  path: string;
  /** Lets it go; the end of the process does so, too. */
  release(): Promise<void>;
}

/**
 * Makes the folder when it is not there and takes it for this process. Two processes of one host are told apart here; that a
 * copy of it is used on another host, or in another container, is found by the Director, who gives the second one no work.
 * @throws Failure `not-writable`; `conflict` when another process works with it.
 */
export async function openDataFolder(path: string): Promise<DataFolder> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new Failure('not-writable', {
      code: 'transporter.data-folder-not-writable',
      message: `The data folder ${path} cannot be written to.`,
      hint: 'Correct BACKHAUL_DATA_FOLDER, or give the folder to the user of this process.',
      retry: 'never',
      where: { path },
      cause,
    });
  }
  const lock = await occupy(lockAddress(await realpath(path)));
  if (lock === null) {
    throw new Failure('conflict', {
      code: 'transporter.data-folder-in-use',
      message: `Another Transporter on this host works with the data folder ${path}.`,
      hint: 'End it, or give this one a data folder of its own and enrol it with a join token.',
      retry: 'later',
      where: { path },
    });
  }
  return { path, release: () => new Promise((resolve) => lock.close(() => resolve())) };
}

/**
 * A name that the system frees when its process ends, however it ends: an abstract socket (unix(7)), a named pipe, elsewhere
 * a socket in the temporary folder. Paths of sockets are short, so it is not in the folder itself.
 */
function lockAddress(folder: string): string {
  const name = `backhaul-transporter-${createHash('sha256').update(folder).digest('hex').slice(0, 32)}`;
  if (process.platform === 'linux') return `\0${name}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`);
}

/** Null when another process has it. */
async function occupy(address: string): Promise<Server | null> {
  const first = await listen(address);
  if (first !== null || !address.startsWith('/') || (await answers(address))) return first;
  // A socket file outlives its process.
  await rm(address, { force: true });
  return listen(address);
}

function listen(address: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' || error.code === 'EACCES' ? resolve(null) : reject(error),
    );
    server.listen(address, () => resolve(server.unref()));
  });
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.unref();
  });
}
