import { Secret } from '@backhaul/domain';
import type { MessageChanges } from '@backhaul/engine';
import { startSimulator, type LogEntry, type Simulator, type SimulatorOptions } from '@backhaul/graph-simulator';
import {
  checkEndpoints,
  createTokenSource,
  createTransport,
  mailSource,
  openGraph,
  type ClientCredential,
  type Graph,
  type GraphOptions,
  type TokenSource,
  type Transport,
} from '../src/index.ts';

/** A simulated tenant and what it takes to talk to it. */
export interface SimulatorScene {
  simulator: Simulator;
  transport: Transport;
  /** Tokens by the client secret. */
  tokens: TokenSource;
  tokenSource(credential: ClientCredential): TokenSource;
  /** A Graph that repeats quickly. */
  open(options?: Partial<GraphOptions>): Graph;
  /** What the simulator was asked since then. */
  logged(since: number): Promise<LogEntry[]>;
  close(): Promise<void>;
}

/** Starts a simulator on free ports; whatever waits for it gives up after two seconds. */
export async function simulatorScene(options: SimulatorOptions): Promise<SimulatorScene> {
  const simulator = await startSimulator(options);
  const { loginUrl, graphUrl, tenantId, clientId, clientSecret, caCertificate, control } = simulator;
  const transport = createTransport({
    caCertificates: [caCertificate],
    headersTimeoutMs: 2_000,
    bodyTimeoutMs: 2_000,
  });
  const tokenSource = (credential: ClientCredential) =>
    createTokenSource({ loginUrl, graphUrl, directoryId: tenantId, clientId, credential, transport });
  const tokens = tokenSource({ type: 'secret', secret: new Secret(clientSecret) });
  const endpoints = checkEndpoints({ loginUrl, graphUrl }, [new URL(graphUrl).host]);
  return {
    simulator,
    transport,
    tokens,
    tokenSource,
    open: (more = {}) =>
      openGraph({
        root: endpoints.graphUrl,
        linkHosts: endpoints.linkHosts,
        token: async (refused) => (refused === undefined ? await tokens.token() : await tokens.refresh()).accessToken,
        signal: new AbortController().signal,
        taskTag: 'task',
        transport,
        firstPauseMs: 5,
        ...more,
      }),
    async logged(since) {
      const entries: LogEntry[] = [];
      for (let from = since; ;) {
        const page = await control.log({ since: from });
        entries.push(...page.entries);
        if (page.entries.length === 0) return entries;
        from = page.next;
      }
    },
    async close() {
      await transport.close();
      await simulator.close();
    },
  };
}

const { signal } = new AbortController();

/** Changes of one folder, from the source under test. */
export async function pagesOf(
  graph: Graph,
  user: string,
  folderId: string,
  cursor: string | null = null,
): Promise<MessageChanges[]> {
  const pages: MessageChanges[] = [];
  for await (const page of mailSource(graph, user).changes(folderId, cursor, signal)) pages.push(page);
  return pages;
}

/** Ids that the pages name as there. */
export function idsOf(pages: readonly MessageChanges[]): string[] {
  return pages.flatMap(({ changed }) => changed.map(({ id }) => id));
}

/** The id of the folder with this role. */
export async function wellKnown(graph: Graph, user: string, role: string): Promise<string> {
  const folder = (await mailSource(graph, user).folders(signal)).find(({ wellKnownName }) => wellKnownName === role);
  if (folder === undefined) throw new Error(`The mailbox has no ${role}.`);
  return folder.id;
}
