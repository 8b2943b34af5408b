import { canonicalEvent, readStoredEvent } from '@backhaul/engine';
import type { CalendarTruth } from '@backhaul/graph-simulator';
import type { ExpectedTree } from './compare-tree.ts';
import { firstDifference } from './difference.ts';

/** What a point must hold of a mailbox's own calendars: every event and series equal in the canonical form. */
export function expectedCalendar(truth: CalendarTruth): ExpectedTree {
  return {
    owner: truth.userPrincipalName,
    kind: 'calendar',
    folders: truth.calendars.filter(({ isOwn }) => isOwn).map(({ id, name }) => ({ id, path: [name] })),
    items: truth.events.map(({ id, calendarId, canonical }) => ({
      id,
      folderId: calendarId,
      async compare(item, point, folderPath, differs) {
        const event = await readStoredEvent(item, point);
        const form = event && (await canonicalEvent(event, folderPath));
        if (JSON.stringify(form) !== JSON.stringify(canonical)) {
          differs(id, `canonical form differs: ${firstDifference(canonical, form)}`);
        }
      },
    })),
  };
}
