export { ControlClient } from './control-client.ts';
export type * from './control/protocol.ts';
export type { SimulatorOptions } from './options.ts';
