import type { ItemIssue } from '@backhaul/domain';
import type { ItemEntry, PointRecord } from '@backhaul/repository';

/**
 * `exported` as it is stored; `degraded`: an older version, or something its format cannot hold; `incomplete`: reading
 * broke off, the file ends early; `failed`: there is no file.
 */
export type ExportResult = 'exported' | 'degraded' | 'incomplete' | 'failed';

/** A file of the export, as far as it was written. */
export interface WrittenFile {
  path: string;
  bytes: number;
  /** SHA-256 of the bytes, lower-case hex. */
  sha256: string;
}

/** What became of one item. */
export interface ManifestItem {
  kind: ItemEntry['kind'];
  id: string;
  folderId: string;
  /** Names of the folders it lies in, as the source has them. */
  folder: string[];
  /** Subject or name, as the source has it. */
  name: string;
  result: ExportResult;
  /** In a file of a whole folder the item's own bytes are meant, before they were quoted. Absent when `failed`. */
  file?: WrittenFile;
  /** Files that belong to it: older versions, large attachments. */
  beside?: WrittenFile[];
  notes?: string[];
}

/** The account of an export: one line for each item. It is the last file of each export. */
export class Manifest {
  readonly #lines: string[] = [];
  readonly #counts: Record<ExportResult, number> = { exported: 0, degraded: 0, incomplete: 0, failed: 0 };
  readonly #point: PointRecord;
  readonly #missing: readonly ItemIssue[];

  /** @param missing what was selected and is not in the point */
  constructor(point: PointRecord, missing: readonly ItemIssue[]) {
    this.#point = point;
    this.#missing = missing;
  }

  add(item: ManifestItem): void {
    this.#counts[item.result] += 1;
    this.#lines.push(JSON.stringify(item));
  }

  /** The whole account in JSON, an item a line. */
  async *content(): AsyncGenerator<Uint8Array> {
    const { jobId, jobName, object, tenantName, sequence, committedAt, status, kinds, skipped } = this.#point;
    const head = {
      format: 'backhaul-export',
      version: 1,
      point: { jobId, jobName, object, tenantName, sequence, committedAt, status, kinds },
      counts: this.#counts,
      notInThePoint: this.#missing,
      notInTheBackup: skipped,
    };
    yield Buffer.from(`${JSON.stringify(head).slice(0, -1)},"items":[`);
    for (const [index, line] of this.#lines.entries()) yield Buffer.from(`${index === 0 ? '' : ','}\n${line}`);
    yield Buffer.from('\n]}\n');
  }
}
