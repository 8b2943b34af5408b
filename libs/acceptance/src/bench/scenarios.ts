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

/** Mailboxes that are there only because each needs its user; a message is what makes the job take them. */
const NO_MAIL = { seed: 1, messages: 10, largeFolder: 1, bytes: 20_000, latencyMs: 0 };

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
    id: 'contacts-events',
    title: '5,000 contacts and 2,500 events in 10 mailboxes',
    tenant: { ...NO_MAIL, mailboxes: 10, contacts: 5_000, events: 2_500 },
    tasksAtOnce: 10,
    runsAgain: true,
  },
  {
    id: 'small-files',
    title: '3,000 files of 20 KB in 10 OneDrives',
    tenant: { ...NO_MAIL, mailboxes: 15, drives: 10, files: 3_000, fileBytes: 60_000_000 },
    tasksAtOnce: 10,
    runsAgain: true,
  },
  {
    id: 'large-files',
    title: '200 files of 4 MB in 10 OneDrives, and one of 2 GB',
    tenant: { ...NO_MAIL, mailboxes: 15, drives: 10, files: 200, fileBytes: 800_000_000, largeFile: 2_000_000_000 },
    tasksAtOnce: 10,
    runsAgain: true,
  },
  {
    id: 'many-tasks',
    title: '300 mailboxes with one message each',
    tenant: { seed: 1, mailboxes: 300, messages: 300, largeFolder: 1, bytes: 600_000, latencyMs: 0 },
    tasksAtOnce: 10,
    runsAgain: true,
  },
];
