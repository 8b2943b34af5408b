import type { ItemIssue } from '@backhaul/domain';
import type { PointReader } from '@backhaul/repository';
import type { ExportOptions } from './export-options.ts';
import type { Manifest } from './manifest.ts';

/** What the steps of one export share. */
export interface ExportRun {
  point: PointReader;
  options: ExportOptions;
  manifest: Manifest;
  /** What was selected and is not in the point. */
  missing: ItemIssue[];
}
