import type { Attendee, EventProperties } from '../../calendar-source.ts';
import type { Recipient } from '../../mail-source.ts';
import { displayAddress } from '../../stored-item.ts';

type Body = { contentType: 'text' | 'html'; content: string };

/**
 * An event with attendees would send invitations when it is created, and its organizer is whoever creates it. So people are
 * kept as lines at the end of the body: the organizer when it was somebody else or there are attendees, each attendee with
 * role and answer, and whether the organizer had cancelled the meeting. Null when there is nothing of the kind to keep.
 */
export function peopleOf(properties: EventProperties): string[] | null {
  const attendees = (properties.attendees ?? []).filter((attendee) => attendee !== null && display(attendee) !== '');
  const isOthers = properties.isOrganizer === false && display(properties.organizer) !== '';
  if (attendees.length === 0 && !isOthers) return null;
  const organizer = display(properties.organizer);
  return [
    ...(organizer === '' ? [] : [`Organizer: ${organizer}`]),
    ...(properties.isCancelled === true ? ['The organizer had cancelled it.'] : []),
    ...(attendees.length === 0 ? [] : ['Attendees:', ...attendees.map((attendee) => `- ${withAnswer(attendee)}`)]),
  ];
}

/** The body with the lines after a rule at its end, as HTML or text as it is. */
export function withPeople(body: EventProperties['body'], lines: readonly string[]): Body {
  const content = body?.content ?? '';
  if (body?.contentType !== 'html') {
    return { contentType: 'text', content: `${content}\n\n${'_'.repeat(40)}\n${[HEADING, ...lines].join('\n')}\n` };
  }
  const block = `<hr><p><b>${HEADING}</b><br>${lines.map(escapeHtml).join('<br>')}</p>`;
  const end = content.search(/<\/body\s*>(?![\s\S]*<\/body\s*>)/i);
  return {
    contentType: 'html',
    content: end === -1 ? content + block : content.slice(0, end) + block + content.slice(end),
  };
}

const HEADING = 'Restored by Backhaul without inviting anybody. When it was backed up:';

/** `Ada <ada@example.com>` or what there is of it, on one line. */
function display(recipient: Recipient | null | undefined): string {
  return displayAddress(recipient).replaceAll(/[\r\n]+/g, ' ');
}

function withAnswer(attendee: Attendee | null): string {
  const notes = [attendee?.type ?? 'required', attendee?.status?.response ?? 'none'].filter((note) => note !== 'none');
  return `${display(attendee)} (${notes.join(', ')})`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
