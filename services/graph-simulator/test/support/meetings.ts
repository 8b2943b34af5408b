/** Events as tests post them. */

/** A time as Graph takes it. */
export const at = (dateTime: string, timeZone = 'UTC') => ({ dateTime, timeZone });
/** Half an hour on a Monday before clocks change. */
export const meeting = (more: object = {}) => ({
  subject: 'Meeting',
  body: { contentType: 'html', content: '<p>hello</p>' },
  start: at('2026-03-02T10:00:00', 'W. Europe Standard Time'),
  end: at('2026-03-02T10:30:00', 'W. Europe Standard Time'),
  ...more,
});
/** Six Mondays, the fifth of them after clocks have changed. */
export const weekly = (more: object = {}) =>
  meeting({
    recurrence: {
      pattern: { type: 'weekly', interval: 1, daysOfWeek: ['monday'], firstDayOfWeek: 'sunday' },
      range: {
        type: 'numbered',
        startDate: '2026-03-02',
        numberOfOccurrences: 6,
        recurrenceTimeZone: 'W. Europe Standard Time',
      },
    },
    ...more,
  });
/** A window that all of them lie in, as query options. */
export const window = 'startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-05-01T00:00:00Z';
