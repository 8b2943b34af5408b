import { Secret } from '@backhaul/domain';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { createTransport, openGraph, type Graph, type GraphOptions, type Transport } from '../src/index.ts';
import { startScriptedServer, type Arrival, type ScriptedServer } from './scripted-server.ts';

/** A Graph whose service does exactly what a test says. */
export interface ScriptedGraph {
  readonly server: ScriptedServer;
  /** Stops everything that was opened for the test. */
  readonly stop: AbortController;
  readonly transport: Transport;
  open(options?: Partial<GraphOptions>): Graph;
  /** Answers in turn; the last answer repeats. */
  answerInTurn(...answers: ((arrival: Arrival) => void)[]): void;
}

/** Starts one server for the tests of a file, with new connections for each of them. */
export function scriptedGraph(): ScriptedGraph {
  let server: ScriptedServer;
  let transport: Transport;
  let stop: AbortController;

  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.close());
  beforeEach(() => {
    stop = new AbortController();
    transport = createTransport({ caCertificates: [server.ca], headersTimeoutMs: 1_000, bodyTimeoutMs: 1_000 });
  });
  afterEach(async () => {
    await transport.close();
    server.arrivals.length = 0;
  });

  return {
    get server() {
      return server;
    },
    get stop() {
      return stop;
    },
    get transport() {
      return transport;
    },
    open: (options = {}) =>
      openGraph({
        root: server.root,
        linkHosts: [],
        token: async () => new Secret('token-1'),
        signal: stop.signal,
        taskTag: 'task-7',
        transport,
        firstPauseMs: 5,
        ...options,
      }),
    answerInTurn(...answers) {
      let turn = 0;
      server.answer = (arrival) => {
        answers[Math.min(turn, answers.length - 1)]?.(arrival);
        turn += 1;
      };
    },
  };
}

/** Answers with 200 and this JSON. */
export function ok(body: unknown = { id: 'x' }): (arrival: Arrival) => void {
  return (arrival) => arrival.reply(200, body);
}

/** Answers with an error of Graph. */
export function refuse(status: number, code = 'any', headers: Record<string, string> = {}): (arrival: Arrival) => void {
  return (arrival) => arrival.reply(status, { error: { code, message: 'why' } }, headers);
}
