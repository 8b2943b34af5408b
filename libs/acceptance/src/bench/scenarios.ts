import type { TenantShape } from '../system/start-system.ts';

/** One tenant on which runs are measured, in a system of its own with one Transporter. */
export interface Scenario {
  /** How it is named on the command line. */
  id: string;
  /** What it tells, for people. */
  title: string;
  tenant: TenantShape;
  /** Tasks at the same time: the slots of the Transporter and the limit of the job. */
  tasksAtOnce: number;
  /** Whether the same job is run a second time, when nothing has changed. */
  runsAgain: boolean;
}

const SMALL_MESSAGES = { seed: 1, mailboxes: 20, messages: 10_000, largeFolder: 500, bytes: 80_000_000 };

/** All that is measured. The sizes are part of the meaning of the figures: change them, and old figures say nothing. */
export const SCENARIOS: readonly Scenario[] = [
  {
    id: 'small-messages',
    title: '10,000 messages of 8 KB in 20 mailboxes',
    tenant: { ...SMALL_MESSAGES, latencyMs: 0 },
    tasksAtOnce: 10,
    runsAgain: true,
  },
  {
    id: 'latency',
    title: 'the same with 100 ms latency',
    tenant: { ...SMALL_MESSAGES, latencyMs: 100 },
    tasksAtOnce: 10,
    runsAgain: true,
  },
  {
    id: 'large-messages',
    title: '400 messages of 1 MB in 10 mailboxes',
    tenant: { seed: 1, mailboxes: 10, messages: 400, largeFolder: 40, bytes: 400_000_000, latencyMs: 0 },
    tasksAtOnce: 10,
    runsAgain: false,
  },
  {
    id: 'many-tasks',
    title: '300 mailboxes with one message each',
    tenant: { seed: 1, mailboxes: 300, messages: 300, largeFolder: 1, bytes: 600_000, latencyMs: 0 },
    tasksAtOnce: 10,
    runsAgain: true,
  },
];
