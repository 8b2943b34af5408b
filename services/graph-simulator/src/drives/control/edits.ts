import type { EditTable } from '../../control/edit-table.ts';
import type { DrivesEdit } from '../../protocol/drives/changes.ts';

/** Exact edits of drives. */
export const DRIVES_EDITS: EditTable<DrivesEdit> = {};
