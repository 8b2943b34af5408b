/** One exact edit of calendars. Event ids may be of either form; calendars are named by id. Nobody is invited by an edit. */
export type CalendarEdit =
  | { do: 'add-calendar'; mailbox: string; name: string }
  | { do: 'rename-calendar'; mailbox: string; calendar: string; name: string }
  | { do: 'delete-calendar'; mailbox: string; calendar: string }
  /** Fields by Graph's names, as in a PATCH; also of a whole series. */
  | { do: 'update-event'; mailbox: string; event: string; set: Record<string, unknown> }
  | { do: 'move-event'; mailbox: string; event: string; to: string }
  | { do: 'delete-event'; mailbox: string; event: string }
  /** The occurrence of a series on a date (`YYYY-MM-DD`, in the recurrence's time zone) becomes an exception. */
  | { do: 'change-occurrence'; mailbox: string; event: string; date: string; set: Record<string, unknown> }
  | { do: 'cancel-occurrence'; mailbox: string; event: string; date: string };

/** An event as a test wants it. */
export interface NewEvent {
  mailbox: string;
  /** Calendar id; default: the default calendar. */
  calendar?: string;
  /**
   * Graph JSON, as for POST …/events. `organizer`, `responseStatus`, `isCancelled` and `attachments` (of all three kinds) are
   * taken too; nobody is invited.
   */
  event: Record<string, unknown>;
  /** Changed occurrences of a series, each with the date (in the recurrence's time zone) of the occurrence it replaces. */
  exceptions?: { date: string; set: Record<string, unknown> }[];
  /** Dates of cancelled occurrences. */
  cancelled?: string[];
}
