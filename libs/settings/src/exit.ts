import { isFailure } from '@backhaul/domain';

/** "Configuration error" of sysexits.h; service managers can be told not to restart on it. */
export const EXIT_CONFIGURATION = 78;

/** Where {@link orExitOnBadSettings} writes and how it ends; a test gives its own. */
export interface ProcessEnd {
  stderr: { write(text: string): unknown };
  exit(code: number): never;
}

/**
 * What `read` gives. Wrong input ends the process: its message and hint go to stderr in plain words, the exit code is
 * {@link EXIT_CONFIGURATION}. Anything else that is thrown passes through.
 */
export function orExitOnBadSettings<T>(read: () => T, end: ProcessEnd = process): T {
  try {
    return read();
  } catch (error) {
    if (!isFailure(error, 'invalid-input')) throw error;
    end.stderr.write(`${error.message}\n${error.hint === undefined ? '' : `${error.hint}\n`}`);
    return end.exit(EXIT_CONFIGURATION);
  }
}
