import { isFailure } from '@backhaul/domain';

/** `done`, or kind and code of the failure with which the work ends, or whatever else it threw. */
export function failureText(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => (isFailure(error) ? `${error.kind} ${error.code}` : String(error)),
  );
}
