import { Failure, isFailure } from '@backhaul/domain';
import {
  hasSameContent,
  type ContentOptions,
  type ContentStream,
  type DriveContent,
  type DriveItem,
} from '@backhaul/engine';
import { DRIVE_SCOPE } from '../drive-scope.ts';
import type { Download, Graph } from '../graph.ts';
import { itemPath, type DriveAccess } from './drive-access.ts';

/** Where Microsoft puts the address of a file's content, which opens it to whoever has it, for some minutes. */
const ADDRESS = '@microsoft.graph.downloadUrl';

/** Of larger files the address in a list may be too old before its turn has come. */
const LARGEST_BY_LISTED_ADDRESS = 64 * 1024 * 1024;

/**
 * The content of a file from a byte on. The address that came with the list saves a request; where it is missing or has
 * expired, and to go on with a transfer that broke, the item is asked for a fresh one, which also tells whether it is still
 * the same content.
 */
export async function openContent(
  graph: Graph,
  access: DriveAccess,
  listed: DriveItem,
  { offset, ifTag }: ContentOptions,
  signal: AbortSignal,
): Promise<DriveContent> {
  const { [ADDRESS]: address } = listed;
  const isSmall = listed.size !== undefined && listed.size <= LARGEST_BY_LISTED_ADDRESS;
  if (offset === 0 && ifTag === null && isSmall && typeof address === 'string') {
    try {
      return { item: listed, ...(await streamFrom(graph, address, 0, signal)) };
    } catch (error) {
      if (!isFailure(error, 'expired')) throw error;
    }
  }
  const item = await access.json<DriveItem>({ path: itemPath(listed.id), signal });
  if (ifTag !== null && !hasSameContent(ifTag, item)) throw changedMeanwhile();
  const fresh = item[ADDRESS] ?? (await access.location({ path: `${itemPath(listed.id)}/content`, signal }));
  return { item, ...(await streamFrom(graph, fresh, offset, signal)) };
}

/** The content of an older version, from a byte on. */
export async function openVersion(
  graph: Graph,
  access: DriveAccess,
  id: string,
  versionId: string,
  offset: number,
  signal: AbortSignal,
): Promise<ContentStream> {
  const path = `${itemPath(id)}/versions/${encodeURIComponent(versionId)}/content`;
  return streamFrom(graph, await access.location({ path, signal }), offset, signal);
}

async function streamFrom(graph: Graph, link: unknown, offset: number, signal: AbortSignal): Promise<ContentStream> {
  const headers = {
    Accept: '*/*',
    // Ranges and lengths are those of the file only as long as nothing is encoded.
    'Accept-Encoding': 'identity',
    ...(offset > 0 && { Range: `bytes=${offset}-` }),
  };
  const download = await graph.download({ link, headers, scope: DRIVE_SCOPE, signal }).catch(downloadRefused);
  if (isInfected(download)) {
    await endUnread(download);
    throw infected();
  }
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(headerOf(download, 'content-range'));
  if (download.status === 206 && range !== null && Number(range[1]) === offset) {
    return { length: Number(range[2]), bytes: download.bytes };
  }
  // Whoever does not know ranges sends everything.
  const length = Number.parseInt(headerOf(download, 'content-length'), 10);
  if (download.status !== 200 || Number.isNaN(length)) {
    await endUnread(download);
    throw unknownLength();
  }
  return { length, bytes: offset === 0 ? download.bytes : without(download.bytes, offset) };
}

async function* without(bytes: AsyncIterable<Uint8Array>, offset: number): AsyncGenerator<Uint8Array> {
  let passed = 0;
  for await (const piece of bytes) {
    const from = Math.max(0, offset - passed);
    passed += piece.length;
    if (from < piece.length) yield piece.subarray(from);
  }
}

/** The address is no longer good; a fresh one may be. A range that is not there was one of another content. */
function downloadRefused(error: unknown): never {
  if (isFailure(error) && error.code === 'graph.wrong-range') throw changedMeanwhile();
  if (!isFailure(error, 'unauthenticated', 'forbidden', 'not-found') || error.code === 'graph.foreign-link')
    throw error;
  throw new Failure('expired', {
    code: 'graph.download-address-expired',
    message: `The address of the content is not good any more: ${error.message}`,
    retry: 'now',
    cause: error,
  });
}

function changedMeanwhile(): Failure {
  return new Failure('precondition', {
    code: 'drive.changed-meanwhile',
    message: 'The file has another content by now.',
    retry: 'now',
  });
}

function isInfected(download: Download): boolean {
  return !['', 'false'].includes(headerOf(download, 'x-virus-infected').toLowerCase());
}

function infected(): Failure {
  return new Failure('unreadable', {
    code: 'graph.malware',
    message: 'Microsoft says that this file is infected.',
    retry: 'never',
    hint: 'Microsoft blocks this file as malware.',
  });
}

function unknownLength(): Failure {
  return new Failure('unavailable', {
    code: 'graph.download-unclear',
    message: 'The answer does not say which bytes of the file it holds.',
    retry: 'later',
  });
}

async function endUnread({ bytes }: Download): Promise<void> {
  await bytes[Symbol.asyncIterator]().return?.();
}

function headerOf({ headers }: Download, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}
