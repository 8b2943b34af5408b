import type { RestoreSelection } from '@backhaul/domain';

/** Kinds of which a whole folder can become one file: an MBOX, a file of vCards, a calendar. */
export const BUNDLED_KINDS = ['mail', 'contacts', 'calendar'] as const;
export type BundledKind = (typeof BUNDLED_KINDS)[number];

/** What is exported of a point, and in what form. */
export interface ExportOptions {
  selection: RestoreSelection;
  /**
   * Kinds of which each folder becomes one file (mail an MBOX, contacts a VCF, a calendar an ICS); of others each item is a
   * file of its own (EML, VCF, ICS). Files of a drive always are. Default: none.
   */
  perFolder?: readonly BundledKind[];
  /** Also the older versions of files, where the point has them. Default: false. */
  fileVersions?: boolean;
  /** Ends the export; it then throws what the signal says. */
  signal?: AbortSignal;
}
