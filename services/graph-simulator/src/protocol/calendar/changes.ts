/** One exact edit of calendars. */
export type CalendarEdit = never;
