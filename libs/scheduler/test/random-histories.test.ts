import { expect, test } from '@jest/globals';
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { type Choice, type QueuedTask, Scheduler, type WaitReason } from '../src/index.ts';
import { happen, NaiveModel, type SchedulerEvent } from '../testing/index.ts';

const AGEING_MS = 100;
/** BACKHAUL_HISTORIES=100000 for a long search; BACKHAUL_SEED to live through the same ones again. */
const HISTORIES = Number(process.env['BACKHAUL_HISTORIES'] ?? 2_000);
const SEED = Number(process.env['BACKHAUL_SEED'] ?? randomInt(2 ** 31));

// A small world, so that everything meets everything often.
const laneId = fc.constantFrom('l0', 'l1', 'l2', 'l3');
const taskId = fc.integer({ min: 0, max: 19 }).map((number) => `t${number}`);
const objectKey = fc.integer({ min: 0, max: 6 }).map((number) => `o${number}`);
const repositoryId = fc.constantFrom('r0', 'r1');
const transporterId = fc.constantFrom('x0', 'x1', 'x2');
const pool = fc.constantFrom('p0', 'p1');
const timeMs = fc.integer({ min: 0, max: 800 });
const rarely = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 8, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

/** fast-check makes optional keys present with undefined; the scheduler's types want them absent. */
function present<T extends object>(record: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
}

const lane = fc.record({
  laneId,
  priority: fc.integer({ min: 0, max: 5 }),
  limit: fc.constantFrom(1, 2, 3, 4, null),
  paused: fc.constant(false),
});
const pausedLane = lane.map((one) => ({ ...one, paused: true }));
const queuedTask = fc
  .record({
    taskId,
    laneId,
    objectKey,
    repositoryId,
    queuedAtMs: timeMs,
    notBeforeMs: rarely(timeMs),
    alone: rarely(fc.boolean()),
    excludedTransporters: rarely(fc.subarray(['x0', 'x1', 'x2'], { maxLength: 2 })),
    pool: rarely(pool),
  })
  .map((task) => present<Parameters<Scheduler['taskQueued']>[0]>(task));
const transporter = fc.integer({ min: 1, max: 4 }).chain((capacity) =>
  fc
    .record({
      transporterId,
      capacity: fc.constant(capacity),
      freeSlots: fc.integer({ min: 0, max: capacity }),
      repositories: fc.constantFrom<readonly string[] | 'any'>('any', ['r0'], ['r0', 'r1']),
      draining: fc.integer({ min: 0, max: 9 }).map((odds) => odds === 0),
      pools: rarely(fc.subarray(['p0', 'p1'])),
    })
    .map((one) => present<Parameters<Scheduler['transporterChanged']>[0]>(one)),
);

/** Some events only mean something in the state that they meet: which running task ends is picked then. */
type Step =
  | SchedulerEvent
  | { event: 'choose-later'; afterMs: number; max: number }
  | { event: 'end-one' | 'put-one-back'; pick: number };
const weighted = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });
const step: fc.Arbitrary<Step> = fc.oneof(
  weighted(4, fc.record({ event: fc.constant('lane-changed' as const), lane })),
  weighted(1, fc.record({ event: fc.constant('lane-changed' as const), lane: pausedLane })),
  weighted(1, fc.record({ event: fc.constant('lane-removed' as const), laneId })),
  weighted(14, fc.record({ event: fc.constant('task-queued' as const), task: queuedTask })),
  weighted(1, fc.record({ event: fc.constant('task-removed' as const), taskId })),
  weighted(
    1,
    fc.record({
      event: fc.constant('task-started' as const),
      task: fc.record({ taskId, laneId, objectKey, transporterId, alone: fc.boolean() }),
    }),
  ),
  weighted(1, fc.record({ event: fc.constant('task-ended' as const), taskId })),
  weighted(1, fc.record({ event: fc.constant('put-back' as const), taskId })),
  weighted(10, fc.record({ event: fc.constant('end-one' as const), pick: fc.nat(1000) })),
  weighted(2, fc.record({ event: fc.constant('put-one-back' as const), pick: fc.nat(1000) })),
  weighted(6, fc.record({ event: fc.constant('transporter-changed' as const), transporter })),
  weighted(1, fc.record({ event: fc.constant('transporter-gone' as const), transporterId })),
  weighted(
    10,
    fc.record({
      event: fc.constant('choose-later' as const),
      // Now and then the clock steps back.
      afterMs: fc.integer({ min: -20, max: 120 }),
      max: fc.integer({ min: 1, max: 3 }),
    }),
  ),
);

/** Most histories begin with something to do and somewhere to do it. */
const opening = fc.array(
  fc.oneof(
    fc.record({ event: fc.constant('lane-changed' as const), lane }),
    fc.record({ event: fc.constant('transporter-changed' as const), transporter }),
  ),
  { minLength: 2, maxLength: 10, size: 'max' },
);

/** What may never be chosen, judged by the state just before: this does not know the order, only the bounds. */
function assertAdmissible(before: NaiveModel, choice: Choice): void {
  const waiting = before.waiting.find(({ task }) => task.taskId === choice.taskId);
  const target = before.transporters.get(choice.transporterId);
  assert(waiting !== undefined && target !== undefined, 'It chose a task or a Transporter that is not there.');
  const { running } = before;
  const limit = before.lanes.get(choice.laneId)?.limit ?? Infinity;
  assert.equal(waiting.task.laneId, choice.laneId);
  assert(running.filter((one) => one.laneId === choice.laneId).length < limit, 'above the limit');
  assert(!running.some((one) => one.objectKey === waiting.task.objectKey), 'two tasks on one object');
  assert(running.filter((one) => one.transporterId === choice.transporterId).length < target.capacity, 'no slot');
  assert(before.canStart(target, waiting.task), 'on a Transporter that cannot take it');
  assert((waiting.task.notBeforeMs ?? 0) <= before.nowMs, 'too early');
  // A task that could start is passed over only for another one's sake that needs a Transporter for itself.
  if (before.waiting.some(({ task }) => task.alone)) return;
  const own = before.effectivePriority(choice.laneId);
  for (const { task } of before.runnable()) {
    if (!before.isOpen(task.laneId) || before.effectivePriority(task.laneId) >= own) continue;
    assert(
      ![...before.transporters.values()].some((one) => before.canStart(one, task)),
      'a better priority passed over',
    );
  }
}

/** The event that a step stands for; undefined when there is nothing that it could mean. */
function eventOf(step: Step, model: NaiveModel, nowMs: number): SchedulerEvent | undefined {
  switch (step.event) {
    case 'choose-later':
      return { event: 'choose', nowMs, max: step.max };
    case 'end-one':
    case 'put-one-back': {
      const running = model.running[step.pick % model.running.length];
      return running && { event: step.event === 'end-one' ? 'task-ended' : 'put-back', taskId: running.taskId };
    }
    default:
      return step;
  }
}

test(`in ${HISTORIES} random histories the scheduler chooses what the naive model chooses`, () => {
  console.log(`BACKHAUL_SEED=${SEED}`);
  let chosen = 0;
  const sameInBoth = (steps: Step[]) => {
    const scheduler = new Scheduler({ ageingMsPerLevel: AGEING_MS });
    const model = new NaiveModel(AGEING_MS);
    let nowMs = 0;
    for (const step of steps) {
      if (step.event === 'choose-later') nowMs += step.afterMs;
      const event = eventOf(step, model, nowMs);
      if (event?.event === 'choose') chosen += chooseInBoth(scheduler, model, event);
      else if (event !== undefined) for (const one of [scheduler, model]) happen(one, event);
    }
  };
  fc.assert(
    fc.property(opening, fc.array(step, { minLength: 40, maxLength: 150, size: 'max' }), (first, rest) =>
      sameInBoth([...first, ...rest]),
    ),
    { numRuns: HISTORIES, seed: SEED },
  );
  // A search that hardly ever chooses anything would prove nothing.
  expect(chosen).toBeGreaterThan(HISTORIES * 4);
}, 600_000);

/** Compares every single choice; returns how many there were. */
function chooseInBoth(scheduler: Scheduler, model: NaiveModel, { nowMs, max }: { nowMs: number; max: number }): number {
  model.nowMs = Math.max(model.nowMs, nowMs);
  assert.deepEqual(scheduler.shouldYield(nowMs).sort(), expectedYields(model));
  let count = 0;
  for (; count < max; count += 1) {
    const choice = scheduler.next(nowMs);
    if (choice !== null) assertAdmissible(model, choice);
    assert.deepEqual(choice, model.choose(nowMs, 1)[0] ?? null);
    if (choice === null) break;
  }
  assertSameFigures(scheduler, model, nowMs);
  return count;
}

function expectedYields(model: NaiveModel): string[] {
  const isRestore = (id: string) => model.lanes.get(id)?.priority === 0;
  const pressing = model.waiting.filter(
    ({ task }) => isRestore(task.laneId) && model.isOpen(task.laneId) && (task.notBeforeMs ?? 0) <= model.nowMs,
  );
  return model.running
    .filter((running) => !isRestore(running.laneId))
    .filter((running) => pressing.some(({ task }) => task.objectKey === running.objectKey))
    .map((running) => running.taskId)
    .sort();
}

function assertSameFigures(scheduler: Scheduler, model: NaiveModel, nowMs: number): void {
  const notDue = model.waiting.map(({ task }) => task.notBeforeMs ?? 0).filter((dueMs) => dueMs > model.nowMs);
  assert.equal(scheduler.nextDueMs(), notDue.length > 0 ? Math.min(...notDue) : null);
  for (const id of ['l0', 'l1', 'l2', 'l3']) {
    assert.deepEqual(scheduler.laneCounts(id), {
      queued: model.waiting.filter(({ task }) => task.laneId === id).length,
      running: model.running.filter((running) => running.laneId === id).length,
    });
    assert.equal(scheduler.effectivePriority(id, nowMs), model.lanes.has(id) ? model.effectivePriority(id) : null);
  }
  for (const { task } of model.waiting) assertTrueReason(scheduler.explain(task.taskId, nowMs), task, model);
}

/** What is said about a waiting task must be so. */
function assertTrueReason(wait: WaitReason, task: QueuedTask, model: NaiveModel): void {
  const claims: Record<WaitReason['reason'], () => boolean> = {
    'unknown-task': () => false,
    running: () => false,
    'not-before': () => (task.notBeforeMs ?? 0) > model.nowMs,
    'object-busy': () => model.running.some(({ objectKey }) => objectKey === task.objectKey),
    'lane-unknown': () => !model.lanes.has(task.laneId),
    'lane-paused': () => model.lanes.get(task.laneId)?.paused === true,
    'lane-full': () => !model.isOpen(task.laneId),
    'no-transporter': () => ![...model.transporters.values()].some((one) => model.canStart(one, task)),
    'behind-in-lane': () => nextOf(model)?.laneId === task.laneId,
    outranked: () => ![undefined, task.laneId].includes(nextOf(model)?.laneId),
    starting: () => [undefined, task.taskId].includes(nextOf(model)?.taskId),
  };
  assert(claims[wait.reason](), `${task.taskId} is said to wait because of ${wait.reason}`);
}

/** What the model would choose next, without choosing it. */
function nextOf(model: NaiveModel): Choice | undefined {
  const [choice] = model.choose(model.nowMs, 1);
  if (choice !== undefined) model.putBack(choice.taskId);
  return choice;
}
