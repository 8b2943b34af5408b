import { afterAll, beforeAll } from '@jest/globals';
import { startSimulator, type Simulator, type SimulatorOptions } from '@backhaul/graph-simulator';
import { GraphCaller } from './graph-caller.ts';

/** A simulator for the tests of one file, and a client of it. */
export interface Bench {
  simulator: Simulator;
  graph: GraphCaller;
}

/** Starts before all tests of the file, stops after them. */
export function useSimulator(options: SimulatorOptions = {}): Bench {
  const bench = {} as Bench;
  beforeAll(async () => {
    bench.simulator = await startSimulator(options);
    bench.graph = new GraphCaller(bench.simulator);
  });
  afterAll(async () => {
    bench.graph.close();
    await bench.simulator.close();
  });
  return bench;
}
