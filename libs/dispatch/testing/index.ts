export * from './builders.ts';
export * from './dispatch-under-test.ts';
export { eventually } from './eventually.ts';
export { faultyLeases, type FaultyLeases, type LeaseFault } from './faulty-leases.ts';
export { hintsSuite } from './hints.suite.ts';
export { leasesSuite } from './leases.suite.ts';
export { lendingSuite } from './lending.suite.ts';
export { openMemoryDispatch } from './memory-under-test.ts';
export {
  openNatsDispatch,
  transporterCredentials,
  type NatsUnderTest,
  type NatsUnderTestOptions,
} from './nats-under-test.ts';
export { offersSuite } from './offers.suite.ts';
export { resultsSuite } from './results.suite.ts';
