import preset from '../../jest.preset.mjs';

/** Each test is a whole system of processes that works through a tenant, so one file at a time, and with patience. */
export default { ...preset, maxWorkers: 1, testTimeout: 180_000 };
