/** The parts of the admin API that demo, tests and benchmarks use, as any client would. */
export class DirectorClient {
  readonly url: string;
  #token = '';

  /** @param url `url` of the Director's ready line */
  constructor(url: string) {
    this.url = url;
  }

  /** The API token of the first admin, after {@link setUp}. */
  get token(): string {
    return this.#token;
  }

  /** Redeems the one-time set-up token for the token of the first admin. */
  async setUp(setupToken: string): Promise<void> {
    const { token } = await this.call<{ token: string }>('POST', '/setup', { setupToken, name: 'first admin' });
    this.#token = token;
  }

  async createJoinToken(): Promise<string> {
    return (await this.call<{ joinToken: string }>('POST', '/transporters/join-tokens', {})).joinToken;
  }

  connectTenant(tenant: NewTenant): Promise<{ id: string }> {
    return this.call('POST', '/tenants', tenant);
  }

  createRepository(repository: NewRepository): Promise<{ id: string; generatedPassword: string | null }> {
    return this.call('POST', '/repositories', { type: 'disk', ...repository });
  }

  refreshInventory(tenantId: string): Promise<unknown> {
    return this.call('POST', `/tenants/${tenantId}/inventory:refresh`, {});
  }

  inventory(tenantId: string, kind: string): Promise<ObjectView[]> {
    return this.#all(`/tenants/${tenantId}/inventory?kind=${kind}`);
  }

  createJob(job: NewJob): Promise<{ id: string }> {
    return this.call('POST', '/jobs', job);
  }

  runJob(jobId: string, options: { forceFull?: boolean; objectIds?: string[] } = {}): Promise<RunView> {
    const { forceFull = false, objectIds } = options;
    const scope = objectIds === undefined ? { type: 'all' } : { type: 'objects', objectIds };
    return this.call('POST', `/jobs/${jobId}:run`, { scope, forceFull });
  }

  run(runId: string): Promise<RunView> {
    return this.call('GET', `/runs/${runId}`);
  }

  /** All tasks of a run, or those in one state. */
  tasks(runId: string, state?: string): Promise<TaskView[]> {
    return this.#all(`/runs/${runId}/tasks${state === undefined ? '' : `?state=${state}`}`);
  }

  task(runId: string, taskId: string): Promise<TaskView> {
    return this.call('GET', `/runs/${runId}/tasks/${taskId}`);
  }

  /** Newest first. */
  points(objectId: string): Promise<PointView[]> {
    return this.#all(`/objects/${objectId}/points`);
  }

  startRestore(restore: NewRestore): Promise<RunView> {
    return this.call('POST', '/restores', restore);
  }

  /** One request below `/api/v1`. Rejects with a {@link Problem} for every answer that is not 2xx. */
  async call<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        ...(this.#token === '' ? {} : { authorization: `Bearer ${this.#token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Problem(`${method} ${path}`, response.status, text);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  async #all<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const separator = path.includes('?') ? '&' : '?';
      const page: { items: T[]; nextCursor?: string | null } = await this.call(
        'GET',
        `${path}${separator}limit=200${query}`,
      );
      items.push(...page.items);
      cursor = page.nextCursor ?? null;
    } while (cursor !== null);
    return items;
  }
}

/** A refused request, with the Director's own words. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;

  constructor(request: string, status: number, body: string) {
    super(`${request} was refused: ${status} ${body}`);
    this.name = 'Problem';
    this.status = status;
    this.code = /"code":"([^"]+)"/.exec(body)?.[1] ?? '';
  }
}

export interface NewTenant {
  name: string;
  directoryId: string;
  clientId: string;
  credential: { type: 'secret'; secret: string };
  loginUrl: string;
  graphUrl: string;
}

export interface NewRepository {
  name: string;
  folder: string;
  password?: string;
}

export interface NewJob {
  name: string;
  tenantId: string;
  repositoryId: string;
  objectIds: string[];
  priority?: number;
  transporterLoad?: number | null;
}

export interface NewRestore {
  pointId: string;
  targetObjectId?: string;
  placement?: { type: 'new-folder'; name: string };
}

export interface ObjectView {
  id: string;
  kind: string;
  externalId: string;
  displayName: string;
  address: string;
}

export interface Counts {
  itemsTotal: number;
  itemsNew: number;
  itemsChanged: number;
  itemsMoved: number;
  itemsDeleted: number;
  itemsSkipped: number;
  itemsFailed: number;
  itemsRestored: number;
  itemsDegraded: number;
  bytesRead: number;
  bytesStored: number;
  requests: number;
  throttledMs: number;
}

export interface RunView {
  id: string;
  state: 'running' | 'stopping' | 'ended';
  outcome: 'succeeded' | 'warning' | 'failed' | 'cancelled' | null;
  startedAt: string;
  endedAt: string | null;
  tasksTotal: number;
  tasksEnded: number;
  counts: Counts;
}

export interface TaskView {
  id: string;
  object: { id: string; displayName: string };
  state: string;
  attempts: number;
  failures: number;
  losses: number;
  /** Who holds it, or held it last. */
  transporter: { id: string; name: string } | null;
  progress: { phase: string; itemsExpected: number | null } | null;
  counts: Counts;
  failure: { code: string; message: string } | null;
  issues?: { itemId: string; result: string; failure: { code: string; message: string } }[];
  pointId?: string | null;
  history?: { outcome: string | null }[];
}

export interface PointView {
  id: string;
  sequence: number;
  status: string;
}
