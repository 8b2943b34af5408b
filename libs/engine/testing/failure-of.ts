import { isFailure, type Failure } from '@backhaul/domain';

/** The failure with which the work ends; anything else, success too, is an error of the test. */
export async function failureOf(work: PromiseLike<unknown>): Promise<Failure> {
  try {
    await work;
  } catch (error) {
    if (isFailure(error)) return error;
    throw error;
  }
  throw new Error('It did not fail.');
}
