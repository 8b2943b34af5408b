import type { GraphContext } from '../../graph/graph-context.ts';
import { GraphError } from '../../http/graph-error.ts';
import type { OpenAddresses, OpenRequest } from '../../http/open-addresses.ts';
import type { Reply } from '../../http/reply.ts';
import type { SharePointLimits } from '../../limits/sharepoint-limits.ts';
import { Content } from '../../tenant/content.ts';
import type { ByteSource } from '../../tenant/source.ts';
import { DOWNLOAD_PREFIX, readDownloadToken, type DownloadToken } from './download-address.ts';
import { driveItemNotFound, malwareDetected } from './drive-errors.ts';
import { eTag } from './item-json.ts';
import { mediaType } from './media-types.ts';
import { openDrive } from './open-drive.ts';

/** The host of pre-authenticated downloads, in Graph's own process. */
export function driveDownloads(context: GraphContext, limits: SharePointLimits): OpenAddresses {
  const { tenant } = context;
  return {
    prefix: DOWNLOAD_PREFIX,
    scope: (id, query) => {
      const token = readDownloadToken(context, id, query.get('tempauth') ?? '');
      if (token === null) return { app: null, mailbox: null, drive: null };
      return { app: token.app, mailbox: null, drive: tenant.drives.get(token.drive)?.state.owner ?? null };
    },
    answer: async (request) => {
      if (request.method !== 'GET') throw new GraphError(405, 'MethodNotAllowed', 'Download addresses take GET.');
      const token = checkedToken(context, request);
      const { headers } = limits.enter(token.app, token.paid ? 0 : 1, tenant.settings.limits, Date.now());
      const { latencyMs } = tenant.settings;
      if (latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, latencyMs));
      const reply = download(context, token, request);
      return { ...reply, headers: { ...reply.headers, ...headers } };
    },
  };
}

function checkedToken(context: GraphContext, { id, query, headers }: OpenRequest): DownloadToken {
  const token = readDownloadToken(context, id, query.get('tempauth') ?? '');
  if (token === null) throw refused(401, 'The access token is not valid.');
  if (headers['authorization'] !== undefined) {
    throw refused(401, 'The download address is authorized already: send no Authorization header.');
  }
  if (token.expires <= context.now().getTime()) {
    throw refused(context.tenant.settings.drives.expiredDownloadStatus, 'The access token has expired.');
  }
  return token;
}

function refused(status: number, message: string): GraphError {
  const code = status === 404 ? 'itemNotFound' : status === 403 ? 'accessDenied' : 'unauthenticated';
  return new GraphError(status, code, message, { innerCode: 'expiredToken' });
}

/** What is present now, or an older version; a range of it, when one is asked for. */
function download(context: GraphContext, token: DownloadToken, request: OpenRequest): Reply {
  const { drive } = openDrive(context, context.tenant.drives.ids.drive(token.drive));
  const state = drive.item(token.key);
  const source =
    token.version === null ? state?.content : state?.older.find(({ version }) => version === token.version)?.content;
  if (state === null || source === null || source === undefined) throw driveItemNotFound();
  if (state.malware !== null) throw malwareDetected();
  const tag = eTag(context, drive, token.key, state);
  const size = Content.size(source);
  const headers = { ETag: tag, 'Accept-Ranges': 'bytes', 'Last-Modified': new Date(state.modifiedAt).toUTCString() };
  const ifRange = request.headers['if-range'];
  const text = ifRange === undefined || ifRange === tag ? request.headers['range'] : undefined;
  const range = readRange(text, size);
  if (range === 'unsatisfiable') {
    throw new GraphError(416, 'invalidRange', 'The range lies outside of the file.', {
      headers: { 'Content-Range': `bytes */${size}` },
    });
  }
  const contentType = mediaType(state.name);
  if (range === null) return { status: 200, headers, stream: stream(context, source, 0, size), contentType };
  const { from, to } = range;
  const partial = { ...headers, 'Content-Range': `bytes ${from}-${to - 1}/${size}` };
  return { status: 206, headers: partial, stream: stream(context, source, from, to), contentType };
}

function stream({ tenant }: GraphContext, source: ByteSource, from: number, to: number): NonNullable<Reply['stream']> {
  return { length: to - from, pieces: () => tenant.content.pieces(source, from, to) };
}

/**
 * The bytes `[from, to)` that a `Range` header names; null for all of them, also when it names several ranges or none that
 * can be understood.
 */
export function readRange(
  header: string | string[] | undefined,
  size: number,
): { from: number; to: number } | 'unsatisfiable' | null {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(String(header ?? '').trim()) ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return null;
  if (first === '') {
    const count = Math.min(Number(last), size);
    return count === 0 ? 'unsatisfiable' : { from: size - count, to: size };
  }
  const from = Number(first);
  if (from >= size) return 'unsatisfiable';
  if (last !== '' && Number(last) < from) return null;
  return { from, to: last === '' ? size : Math.min(Number(last) + 1, size) };
}
