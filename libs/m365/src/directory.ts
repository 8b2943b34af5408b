import type { GraphRequest } from './graph-request.ts';
import type { Graph } from './graph.ts';

/** The tenant as it names itself. */
export interface Organization {
  id: string;
  displayName: string;
  /** The initial or default domain first. */
  domains: string[];
}

/** A user object; shared, room and equipment mailboxes are users too. */
export interface DirectoryUser {
  id: string;
  displayName: string;
  /** Primary address, or the principal name where there is none. */
  address: string;
  accountEnabled: boolean;
  /** What the mailbox is for; null when the user has none, `unknown` when we may not ask. */
  mailbox: 'user' | 'shared' | 'room' | 'equipment' | 'other' | 'unknown' | null;
}

/** The OneDrive of a user. */
export interface DirectoryDrive {
  /** Names it for good: a drive that is made anew gets another id of its own, its user does not. */
  userId: string;
  displayName: string;
  address: string;
  /** `unknown`: it is there, or may be, and could not be looked at now (locked, for example). */
  state: 'ready' | 'unknown';
}

export interface DirectoryGroup {
  id: string;
  displayName: string;
  address: string;
  isTeam: boolean;
}

export interface DirectorySite {
  id: string;
  displayName: string;
  webUrl: string;
}

/** What can be protected in a tenant. Lists come page by page; every page is an array. */
export interface Directory {
  organization(): Promise<Organization>;
  /** Members, not guests (they have no mailbox here). */
  users(): AsyncIterable<DirectoryUser[]>;
  /** OneDrives of members that have one. */
  drives(): AsyncIterable<DirectoryDrive[]>;
  /** Microsoft 365 groups; those with `isTeam` are teams too. */
  groups(): AsyncIterable<DirectoryGroup[]>;
  /** Sites without those of persons, which are the OneDrives of users. */
  sites(): AsyncIterable<DirectorySite[]>;
}

const PAGE_SIZE = 999;

/** Directory queries beyond the simplest are answered only in this mode. */
const ADVANCED = { ConsistencyLevel: 'eventual' };

export function openDirectory(graph: Graph): Directory {
  return {
    organization: () => organization(graph),
    users: () => users(graph),
    drives: () => drives(graph),
    groups: () => groups(graph),
    sites: () => sites(graph),
  };
}

interface GraphOrganization {
  id: string;
  displayName?: string | null;
  verifiedDomains?: { name: string; isDefault?: boolean }[] | null;
}

async function organization(graph: Graph): Promise<Organization> {
  const path = '/organization?$select=id,displayName,verifiedDomains';
  const { value } = await graph.json<{ value: GraphOrganization[] }>({ path });
  const [own] = value;
  const domains = [...(own?.verifiedDomains ?? [])].sort(
    (a, b) => Number(b.isDefault ?? false) - Number(a.isDefault ?? false),
  );
  return { id: own?.id ?? '', displayName: own?.displayName ?? '', domains: domains.map(({ name }) => name) };
}

interface GraphUser {
  id: string;
  displayName?: string | null;
  mail?: string | null;
  userPrincipalName?: string | null;
  accountEnabled?: boolean | null;
}

async function* users(graph: Graph): AsyncGenerator<DirectoryUser[]> {
  for await (const members of membersOf(graph)) {
    const purposes = await mailboxPurposes(graph, members);
    yield members.map((user, index) => ({
      id: user.id,
      displayName: nameOf(user),
      address: addressOf(user),
      accountEnabled: user.accountEnabled ?? false,
      mailbox: purposes[index] as DirectoryUser['mailbox'],
    }));
  }
}

async function* drives(graph: Graph): AsyncGenerator<DirectoryDrive[]> {
  for await (const members of membersOf(graph)) {
    const states = await driveStates(graph, members);
    yield members.flatMap((user, index): DirectoryDrive[] => {
      const state = states[index] ?? null;
      return state === null ? [] : [{ userId: user.id, displayName: nameOf(user), address: addressOf(user), state }];
    });
  }
}

async function* membersOf(graph: Graph): AsyncGenerator<GraphUser[]> {
  // `ne` keeps users whose type is null, which old ones are.
  const filter = encodeURIComponent("onPremisesSyncEnabled eq true OR userType ne 'Guest'");
  const fields = 'id,displayName,mail,userPrincipalName,userType,accountEnabled';
  const path = `/users?$filter=${filter}&$count=true&$select=${fields}&$top=${PAGE_SIZE}`;
  for await (const page of graph.pages<GraphUser>({ path, headers: ADVANCED })) yield page.value;
}

function nameOf({ displayName, userPrincipalName }: GraphUser): string {
  return displayName ?? userPrincipalName ?? '';
}

function addressOf({ mail, userPrincipalName }: GraphUser): string {
  return mail ?? userPrincipalName ?? '';
}

/** Only the mailbox itself tells what it is for: a shared one is no different user, and its user has no licence. */
async function mailboxPurposes(graph: Graph, ofUsers: readonly GraphUser[]): Promise<DirectoryUser['mailbox'][]> {
  const parts = ofUsers.map(({ id }) => ({
    path: `/users/${encodeURIComponent(id)}/mailboxSettings?$select=userPurpose`,
  }));
  const outcomes = await graph.batch(parts);
  return outcomes.map((outcome) => {
    if (outcome.ok) return PURPOSES[(outcome.body as { userPurpose?: string }).userPurpose ?? ''] ?? 'other';
    return NO_MAILBOX.includes(outcome.failure.code) ? null : 'unknown';
  });
}

/** A drive is made at a user's first visit; until then, and without a licence, there is none. */
async function driveStates(graph: Graph, ofUsers: readonly GraphUser[]): Promise<(DirectoryDrive['state'] | null)[]> {
  const parts = ofUsers.map(({ id }) => ({ path: `/users/${encodeURIComponent(id)}/drive?$select=id` }));
  const outcomes = await graph.batch(parts);
  return outcomes.map((outcome) => {
    if (outcome.ok) return 'ready';
    if (outcome.failure.kind === 'permission-missing') throw outcome.failure;
    return NO_DRIVE.includes(outcome.failure.code) ? null : 'unknown';
  });
}

const NO_DRIVE = ['graph.drive-missing', 'graph.licence-missing', 'graph.object-not-found', 'graph.item-not-found'];

/** A user that is unknown to Exchange, and mailboxes that nobody can read any more. */
const NO_MAILBOX = ['graph.object-not-found', 'graph.item-not-found', 'graph.mailbox-unusable'];

const PURPOSES: Readonly<Record<string, DirectoryUser['mailbox']>> = {
  user: 'user',
  linked: 'user',
  shared: 'shared',
  room: 'room',
  equipment: 'equipment',
};

interface GraphGroup {
  id: string;
  displayName?: string | null;
  mail?: string | null;
  resourceProvisioningOptions?: string[] | null;
}

async function* groups(graph: Graph): AsyncGenerator<DirectoryGroup[]> {
  const filter = encodeURIComponent("groupTypes/any(c:c eq 'Unified')");
  const path = `/groups?$filter=${filter}&$select=id,displayName,mail,resourceProvisioningOptions&$top=${PAGE_SIZE}`;
  for await (const page of graph.pages<GraphGroup>({ path })) {
    yield page.value.map((group) => ({
      id: group.id,
      displayName: group.displayName ?? '',
      address: group.mail ?? '',
      isTeam: group.resourceProvisioningOptions?.includes('Team') ?? false,
    }));
  }
}

interface GraphSite {
  id: string;
  displayName?: string | null;
  name?: string | null;
  webUrl?: string | null;
  isPersonalSite?: boolean | null;
}

async function* sites(graph: Graph): AsyncGenerator<DirectorySite[]> {
  const request: GraphRequest = { path: '/sites/getAllSites?$select=id,displayName,name,webUrl,isPersonalSite' };
  for await (const page of graph.pages<GraphSite>(request)) {
    yield page.value
      .filter(({ isPersonalSite }) => isPersonalSite !== true)
      .map((site) => ({ id: site.id, displayName: site.displayName ?? site.name ?? '', webUrl: site.webUrl ?? '' }));
  }
}
