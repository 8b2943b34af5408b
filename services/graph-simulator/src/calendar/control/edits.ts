import type { EditTable } from '../../control/edit-table.ts';
import type { CalendarEdit } from '../../protocol/calendar/changes.ts';

/** Exact edits of calendar. */
export const CALENDAR_EDITS: EditTable<CalendarEdit> = {};
