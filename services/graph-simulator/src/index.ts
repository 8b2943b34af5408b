export { ControlClient } from './control-client.ts';
export type * from './control/protocol.ts';
export { startSimulator, type Simulator } from './simulator.ts';
export type { SimulatorOptions } from './options.ts';
