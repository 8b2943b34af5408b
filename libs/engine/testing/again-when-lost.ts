import { isFailure } from '@backhaul/domain';

/** Does it once more when it is not known whether it was done. */
export async function againWhenLost<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isFailure(error, 'unavailable')) throw error;
    return work();
  }
}
