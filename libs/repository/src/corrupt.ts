import { Failure } from '@backhaul/domain';

/** Stored bytes are not what was written. `name` is the store's object, `problem` what is wrong with it. */
export function corrupt(name: string, problem: string, cause?: unknown): Failure {
  return new Failure('corrupt', {
    code: 'repository.corrupt',
    message: `${name}: ${problem}`,
    retry: 'never',
    hint: 'Run a check of the repository; restore the damaged object from a copy of the repository if there is one.',
    where: { object: name },
    cause,
  });
}

/** What lies there was written by a newer or another program. */
export function unsupported(name: string, problem: string): Failure {
  return new Failure('unsupported-format', {
    code: 'repository.unsupported-format',
    message: `${name}: ${problem}`,
    retry: 'never',
    hint: 'Use the version of the program that wrote this repository, or a newer one.',
    where: { object: name },
  });
}
