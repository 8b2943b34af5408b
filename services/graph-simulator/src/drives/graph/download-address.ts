import type { GraphContext } from '../../graph/graph-context.ts';

/** What a pre-authenticated address gives out. */
export interface DownloadGrant {
  drive: number;
  key: number;
  /** Number of an older version; null: what is present when it is asked for. */
  version: number | null;
  /** Client id of the application that got the address. */
  app: string;
  /** Whether the request that made the address has paid the resource unit of the download. */
  paid: boolean;
}

export interface DownloadToken extends DownloadGrant {
  /** Milliseconds. */
  expires: number;
}

/** Beginning of the paths of all download addresses. */
export const DOWNLOAD_PREFIX = '/download/';

/** An address that gives out the content to whoever has it, for some time. */
export function downloadUrl(context: GraphContext, grant: DownloadGrant): string {
  const { tenant, links } = context;
  const token: DownloadToken = {
    ...grant,
    expires: context.now().getTime() + tenant.settings.drives.downloadUrlSeconds * 1000,
  };
  const { ids } = tenant.drives;
  const place = `${ids.drive(grant.drive)}/${ids.item(grant.drive, grant.key)}`;
  return `${links.root}${DOWNLOAD_PREFIX}${place}?tempauth=${links.seal(place, token)}`;
}

/** What the token in an address says, whatever its age; null for an address that was altered. @param place its path after the prefix */
export function readDownloadToken({ links }: GraphContext, place: string, tempauth: string): DownloadToken | null {
  try {
    return links.open<DownloadToken>(place, tempauth);
  } catch {
    return null;
  }
}
