/**
 * How long choosing takes with many lanes and tasks: `node --conditions=@backhaul/source bench/choose.ts`. Every slot is
 * filled, then tasks end and others are chosen for their slots, one by one, as in a busy Director.
 */
import { cpus } from 'node:os';
import { Scheduler } from '../src/index.ts';

const LANES = 1_000;
const TASKS = 100_000;
const TRANSPORTERS = 50;
const SLOTS = 10;
const ROUNDS = 20_000;

function percentile(sorted: Float64Array, share: number): string {
  return ((sorted[Math.floor(sorted.length * share)] ?? NaN) * 1000).toFixed(0);
}

function measure(title: string, repositories: number): void {
  const scheduler = new Scheduler();
  for (let lane = 0; lane < LANES; lane += 1) {
    scheduler.laneChanged({ laneId: `lane-${lane}`, priority: 1 + (lane % 5), limit: 3, paused: false });
  }
  const queueFrom = performance.now();
  const queue = (task: number, nowMs: number) =>
    scheduler.taskQueued({
      taskId: `task-${task}`,
      laneId: `lane-${task % LANES}`,
      // Two jobs share every mailbox.
      objectKey: `object-${Math.floor(task / 2)}`,
      repositoryId: `repository-${(task % LANES) % repositories}`,
      queuedAtMs: nowMs,
    });
  for (let task = 0; task < TASKS; task += 1) queue(task, task);
  const queuedMs = performance.now() - queueFrom;
  const reports = Array.from({ length: TRANSPORTERS }, (_, number) => ({
    transporterId: `transporter-${number}`,
    capacity: SLOTS,
    freeSlots: SLOTS,
    repositories: 'any' as const,
    draining: false,
  }));
  for (const report of reports) scheduler.transporterChanged(report);
  const nowMs = TASKS;
  const running = scheduler.choose(nowMs, TRANSPORTERS * SLOTS);

  const times = new Float64Array(ROUNDS);
  for (let round = 0; round < ROUNDS; round += 1) {
    const place = (round * 7919) % running.length;
    const ended = running[place];
    if (ended === undefined) throw new Error('Not all slots were filled.');
    scheduler.taskEnded(ended.taskId);
    const report = reports.find(({ transporterId }) => transporterId === ended.transporterId);
    if (report) scheduler.transporterChanged({ ...report, freeSlots: 1 });
    queue(TASKS + round, nowMs + round);
    const from = performance.now();
    const choice = scheduler.next(nowMs + round);
    times[round] = performance.now() - from;
    if (choice === null) throw new Error('A free slot was not used.');
    running[place] = choice;
  }
  times.sort();
  console.log(
    `${title}: queued ${TASKS} tasks in ${queuedMs.toFixed(0)} ms; one choice p50 ${percentile(times, 0.5)} µs, ` +
      `p95 ${percentile(times, 0.95)} µs, p99 ${percentile(times, 0.99)} µs, max ${percentile(times, 0.99999)} µs`,
  );
}

console.log(
  `Node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}, ${LANES} lanes, ${TRANSPORTERS * SLOTS} slots`,
);
measure('1 repository', 1);
measure('100 repositories', 100);
