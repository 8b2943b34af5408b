/** What happens to calendar. */
export type CalendarEvent = never;
