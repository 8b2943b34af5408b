import type { LoggerService } from '@nestjs/common';
import type { Logger } from '@backhaul/telemetry';

/** Nest's own lines in our log. Its start-up chatter is of interest to developers alone. */
export function nestLogger(log: Logger): LoggerService {
  const from = (rest: unknown[]) => ({ nest: typeof rest.at(-1) === 'string' ? rest.at(-1) : '' });
  return {
    log: (message: unknown, ...rest: unknown[]) => log.debug(from(rest), String(message)),
    error: (message: unknown, ...rest: unknown[]) => log.error(from(rest), String(message)),
    warn: (message: unknown, ...rest: unknown[]) => log.warn(from(rest), String(message)),
    fatal: (message: unknown, ...rest: unknown[]) => log.fatal(from(rest), String(message)),
    debug: (message: unknown, ...rest: unknown[]) => log.debug(from(rest), String(message)),
    verbose: (message: unknown, ...rest: unknown[]) => log.trace(from(rest), String(message)),
  };
}
