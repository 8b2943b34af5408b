import { Secret } from '@backhaul/domain';
import { eagerClock } from '@backhaul/engine/testing';
import {
  startSimulator,
  type ControlClient,
  type FaultEffect,
  type FaultMatch,
  type LogEntry,
  type SettingsPatch,
  type Simulator,
  type SimulatorOptions,
} from '@backhaul/graph-simulator';
import {
  checkEndpoints,
  createTokenSource,
  createTransport,
  openGraph,
  type Graph,
  type GraphOptions,
  type TokenSource,
  type Transport,
} from '@backhaul/m365';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';

/** One simulated tenant for the scenarios of a file, in this process; each scenario makes users of its own. */
export interface FieldScene {
  readonly simulator: Simulator;
  readonly control: ControlClient;
  /** A Graph whose pauses take no time, unless a clock is given. */
  open(options?: Partial<GraphOptions>): Graph;
  /** What Graph was asked since the scenario began, of one mailbox or drive when its user is given. */
  requests(user?: string): Promise<LogEntry[]>;
  /** From now on requests of this kind meet the fault. */
  fault(match: FaultMatch, effect: FaultEffect): Promise<void>;
  /** Until the scenario ends. */
  settings(patch: SettingsPatch): Promise<void>;
}

/** Starts the tenant before the first test of the file; faults and settings end with the scenario that wanted them. */
export function fieldScene(options: SimulatorOptions = { mailboxes: 0 }): FieldScene {
  let simulator: Simulator;
  let transport: Transport;
  let tokens: TokenSource;
  let logStart = 0;
  let usual: Awaited<ReturnType<ControlClient['settings']>>;

  beforeAll(async () => {
    simulator = await startSimulator(options);
    const { loginUrl, graphUrl, tenantId, clientId, clientSecret, caCertificate, control } = simulator;
    transport = createTransport({ caCertificates: [caCertificate] });
    const credential = { type: 'secret', secret: new Secret(clientSecret) } as const;
    tokens = createTokenSource({ loginUrl, graphUrl, directoryId: tenantId, clientId, credential, transport });
    usual = await control.settings();
  });
  beforeEach(async () => {
    logStart = (await entriesSince(simulator.control, logStart)).at(-1)?.n ?? logStart;
  });
  afterEach(async () => {
    await simulator.control.clearFaults();
    await simulator.control.updateSettings(usual);
  });
  afterAll(async () => {
    await transport.close();
    await simulator.close();
  });

  return {
    get simulator() {
      return simulator;
    },
    get control() {
      return simulator.control;
    },
    open(more = {}) {
      const { loginUrl, graphUrl } = simulator;
      const endpoints = checkEndpoints({ loginUrl, graphUrl }, [new URL(graphUrl).host]);
      return openGraph({
        root: endpoints.graphUrl,
        linkHosts: endpoints.linkHosts,
        token: async (refused) => (refused === undefined ? await tokens.token() : await tokens.refresh()).accessToken,
        signal: new AbortController().signal,
        taskTag: 'field',
        transport,
        clock: eagerClock(),
        ...more,
      });
    },
    requests: (user) => entriesSince(simulator.control, logStart, user),
    fault: async (match, effect) => void (await simulator.control.addFault({ match, effect })),
    settings: async (patch) => void (await simulator.control.updateSettings(patch)),
  };
}

async function entriesSince(control: ControlClient, since: number, mailbox?: string): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for (let from = since; ;) {
    const page = await control.log({ since: from, ...(mailbox !== undefined && { mailbox }) });
    entries.push(...page.entries);
    if (page.entries.length === 0) return entries;
    from = page.next;
  }
}

/** The codes of what a piece of work could not do, each once, in alphabetical order. */
export function codesOf({ issues }: { issues: readonly { failure: { code: string } }[] }): string[] {
  return [...new Set(issues.map(({ failure }) => failure.code))].sort();
}
