import { parentPort, workerData } from 'node:worker_threads';
import { failureRecord, toFailure } from '@backhaul/domain';
import type { JobMessage, JobAnswer } from './crew.ts';
import { performer, type WorkKeys } from './work.ts';

/** A thread of the crew: does one job after the other. */
const perform = performer(workerData as WorkKeys);

parentPort!.on('message', ({ ticket, job }: JobMessage) => {
  try {
    const { result, handOver } = perform(job);
    parentPort!.postMessage({ ticket, result } satisfies JobAnswer, handOver);
  } catch (error) {
    parentPort!.postMessage({ ticket, failure: failureRecord(toFailure(error)) } satisfies JobAnswer);
  }
});
