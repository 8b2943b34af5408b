import { Failure } from '@backhaul/domain';
import { z } from 'zod';

/** Which recovery point: job, object and number in their chain. */
export interface PointRef {
  jobId: string;
  objectId: string;
  sequence: number;
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const FORM = new RegExp(`^(${UUID})\\.(${UUID})\\.([1-9]\\d{0,8})$`);

/** A point's id in the API: `job.object.sequence`. */
export const pointId = z
  .string()
  .regex(FORM, 'must be a point id, as lists of points show it')
  .describe('job id, object id and sequence, joined by dots');

/** The id of a point. */
export function formatPointId({ jobId, objectId, sequence }: PointRef): string {
  return `${jobId}.${objectId}.${sequence}`;
}

/** @throws Failure `not-found` for what is no id of a point. */
export function parsePointId(text: string): PointRef {
  const [, jobId, objectId, sequence] = FORM.exec(text) ?? [];
  if (jobId === undefined || objectId === undefined) throw pointNotFound();
  return { jobId, objectId, sequence: Number(sequence) };
}

export function pointNotFound(): Failure {
  return new Failure('not-found', {
    code: 'point.not-found',
    message: 'There is no such recovery point.',
    hint: 'List the points of the object to find its id.',
    retry: 'never',
  });
}
