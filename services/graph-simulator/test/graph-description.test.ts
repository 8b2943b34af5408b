import { describe, expect, test } from '@jest/globals';
import { graphRoutes } from '../src/graph/graph-service.ts';
import { Links } from '../src/graph/links.ts';
import type { GraphContext } from '../src/graph/graph-context.ts';
import type { Tenant } from '../src/tenant/tenant.ts';
import { findOperation, readGraphDescription, violations } from './support/graph-description.ts';
import { useSimulator } from './support/use-simulator.ts';

/*
 * Paths, permissions and answers against the machine-readable description of Graph v1.0 beside the checkout
 * (`../shared/graph/graph-v1-subset.json`); skipped where there is none.
 */

const description = readGraphDescription();
const where =
  description === null ? 'skipped: no ../shared/graph/graph-v1-subset.json beside the checkout' : 'as described';
const maybe = description === null ? test.skip : test;
const bench = useSimulator({ mailboxes: 6, messages: 240, bytes: 240 * 1000, contacts: 240, events: 240 });

/** Served although the extract does not list them; the reasons stand in `graph-facts.md` 0. */
const NOT_LISTED = [
  'GET /users/{user}/messages/{message}/attachments/{attachment}/$value',
  'GET /users/{user}/mailFolders/{folder}/messages/{message}/attachments/{attachment}/$value',
  'GET /users/{user}/events/{event}/attachments/{attachment}/$value',
  'GET /users/{user}/calendar/events/{event}/attachments/{attachment}/$value',
  'GET /users/{user}/calendars/{calendar}/events/{event}/attachments/{attachment}/$value',
  'GET /users/$count',
];
/** Bodies need more than the permission that the extract inherits for them. */
const STRICTER = ['/$value'];

describe(`the description of Graph v1.0 (${where})`, () => {
  maybe('has every path and method that is served', () => {
    const routes = routesForInspection();
    const missing = routes
      .map(({ method, path }) => `${method} ${path}`)
      .filter(
        (name) =>
          !NOT_LISTED.includes(name) && findOperation(description!, ...(name.split(' ') as [string, string])) === null,
      );
    expect(missing).toEqual([]);
    expect(routes.length).toBeGreaterThan(40);
  });

  maybe('grants nothing less than what is asked for', () => {
    for (const { method, path, access } of routesForInspection()) {
      const app = findOperation(description!, method, path)?.app;
      if (app === undefined || app.via !== undefined || STRICTER.some((tail) => path.endsWith(tail))) continue;
      const known = [...app.least, ...app.other];
      // Who may write may read, though the list of a path does not always say so.
      for (const what of ['Mail', 'Contacts', 'Calendars']) {
        if (known.includes(`${what}.ReadBasic`)) known.push(`${what}.Read`);
        if (known.includes(`${what}.Read`)) known.push(`${what}.ReadWrite`);
      }
      // Upload sessions take it too, although the extract names only the wider one.
      if (known.includes('Sites.ReadWrite.All')) known.push('Files.ReadWrite.All');
      const more = access.anyOf.filter((role) => !known.includes(role) && role !== 'Mail.ReadBasic');
      // Wider directory permissions are accepted by the service although the list of a path does not repeat them all.
      const unknown = more.filter((role) => !/^(Directory|User|Group|GroupMember|Sites|Organization)\./.test(role));
      expect({ path, unknown }).toEqual({ path, unknown: [] });
    }
  });

  maybe('allows every property, type and enumeration value of the answers', async () => {
    const users = await bench.simulator.control.users();
    const [first] = users;
    const base = `/users/${first!.id}`;
    const truth = await bench.simulator.control.truth({ mailbox: first!.id, forms: false });
    const ofKind = (kind: string): string =>
      truth.messages.find(({ attachments }) => attachments[0]?.kind === kind)!.id;
    const message = (await bench.graph.call(`${base}/messages?$top=1`)).json.value[0].id as string;
    const { events } = await bench.simulator.control.calendarTruth({ mailbox: first!.id });
    const series = events.find(({ canonical }) => canonical!.exceptions.length > 0)!.id;
    const window = 'startDateTime=2024-01-01T00:00:00Z&endDateTime=2027-01-01T00:00:00Z';
    const properties = encodeURIComponent("singleValueExtendedProperties($filter=id eq 'Integer 0x0E07')");
    const calls: [path: string, type: string][] = [
      ['/organization', 'Collection(organization)'],
      ['/users', 'Collection(user)'],
      [
        '/users?$select=id,displayName,mail,userPrincipalName,userType,accountEnabled,assignedPlans,proxyAddresses',
        'Collection(user)',
      ],
      [base, 'user'],
      [`${base}/mailboxSettings`, 'mailboxSettings'],
      ['/groups', 'Collection(group)'],
      ['/sites?search=*', 'Collection(site)'],
      ['/sites/getAllSites', 'Collection(site)'],
      [`${base}/mailFolders?includeHiddenFolders=true&$top=100`, 'Collection(mailFolder)'],
      [`${base}/mailFolders/inbox/childFolders?includeHiddenFolders=true&$top=100`, 'Collection(mailFolder)'],
      [`${base}/mailFolders/inbox`, 'mailFolder'],
      [`${base}/mailFolders/delta`, 'Collection(mailFolder)'],
      [`${base}/messages?$top=300`, 'Collection(message)'],
      [`${base}/messages?$top=50&$expand=${properties}`, 'Collection(message)'],
      [`${base}/messages?$top=300&$select=subject,uniqueBody,internetMessageHeaders`, 'Collection(message)'],
      [`${base}/mailFolders/inbox/messages/delta`, 'Collection(message)'],
      [`${base}/messages/${message}`, 'message'],
      [`${base}/messages/${message}?$expand=attachments`, 'message'],
      [`${base}/messages/${ofKind('file')}/attachments`, 'Collection(attachment)'],
      [
        `${base}/messages/${ofKind('item')}/attachments?$expand=microsoft.graph.itemAttachment/item`,
        'Collection(attachment)',
      ],
      [`${base}/messages/${ofKind('reference')}/attachments`, 'Collection(attachment)'],
      [`${base}/contactFolders`, 'Collection(contactFolder)'],
      [`${base}/contactFolders/contacts`, 'contactFolder'],
      [`${base}/contactFolders/contacts/childFolders`, 'Collection(contactFolder)'],
      [`${base}/contactFolders/delta`, 'Collection(contactFolder)'],
      [`${base}/contacts?$top=100`, 'Collection(contact)'],
      [`${base}/contactFolders/contacts/contacts/delta`, 'Collection(contact)'],
      [`${base}/calendars`, 'Collection(calendar)'],
      [`${base}/calendarGroups`, 'Collection(calendarGroup)'],
      [`${base}/calendar`, 'calendar'],
      [`${base}/events?$top=100&$expand=attachments`, 'Collection(event)'],
      [`${base}/events/${series}?$select=subject,cancelledOccurrences&$expand=exceptionOccurrences`, 'event'],
      [`${base}/events/${series}/instances?${window}`, 'Collection(event)'],
      [`${base}/calendarView?${window}&$top=300`, 'Collection(event)'],
      [`${base}/calendarView/delta?${window}`, 'Collection(event)'],
    ];
    for (const [path, type] of calls) {
      const { status, json } = await bench.graph.call(path);
      expect({ path, status }).toEqual({ path, status: 200 });
      const value = type.startsWith('Collection') ? json.value : json;
      expect({ path, found: violations(description!, value, type) }).toEqual({ path, found: [] });
      if (Array.isArray(value)) expect({ path, some: value.length > 0 }).toEqual({ path, some: true });
    }
    const posted = await bench.graph.call(`${base}/mailFolders/inbox/messages`, {
      method: 'POST',
      body: { subject: 's', flag: { flagStatus: 'complete' } },
    });
    expect(violations(description!, posted.json, 'message')).toEqual([]);
    const item = { attachmentType: 'file', name: 'n', size: 4_000_000 };
    const session = await bench.graph.call(`${base}/messages/${posted.json.id}/attachments/createUploadSession`, {
      method: 'POST',
      body: { AttachmentItem: item },
    });
    expect(violations(description!, session.json, 'uploadSession')).toEqual([]);
  });

  maybe('the check itself notices what is wrong', () => {
    expect(violations(description!, { id: 'x', nonsense: 1 }, 'message')).toEqual([
      '.nonsense: no property of message',
    ]);
    expect(violations(description!, { importance: 'huge', isRead: 'yes' }, 'message')).toHaveLength(2);
    expect(
      violations(description!, [{ '@odata.type': '#microsoft.graph.user' }], 'Collection(attachment)'),
    ).toHaveLength(1);
  });
});

/** The table of routes alone needs no tenant. */
function routesForInspection(): ReturnType<typeof graphRoutes> {
  const tenant = { shape: { seed: 1 }, users: new Map() } as unknown as Tenant;
  return graphRoutes({ tenant, links: new Links('x'), now: () => new Date(0) } satisfies GraphContext);
}
