import { orExitOnBadSettings, EXIT_CONFIGURATION } from '@backhaul/settings';
import { isFailure } from '@backhaul/domain';
import { createLogger, type Logger } from '@backhaul/telemetry';
import { readDirectorSettings } from './settings.ts';
import { startDirector, type RunningDirector } from './start-director.ts';

// One line of JSON each on standard output: the one-time set-up token while nobody can administer, then `ready`. The log
// goes to standard error.
const settings = orExitOnBadSettings(() => readDirectorSettings(process.env));
const log = createLogger({ service: 'director', level: settings.logLevel });
const director = await startDirector(settings, log).catch((error: unknown) => exitUnstarted(error, log));
if (director.setupToken !== null) {
  const { token, expiresAt } = director.setupToken;
  say({ setupToken: token.reveal(), expiresAt, use: `POST ${director.url}/api/v1/setup` });
}
say({ ready: true, url: director.url });
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(director));

function say(line: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Ends cleanly; a second signal ends at once. */
async function stop(running: RunningDirector): Promise<void> {
  log.info('stopping');
  await running.close();
  process.exit(0);
}

/** What the operator can put right is said in one plain line; anything else is a mistake of ours and crashes loudly. */
function exitUnstarted(error: unknown, logger: Logger): never {
  if (!isFailure(error)) throw error;
  logger.debug({ err: error }, 'the Director cannot start');
  process.stderr.write(`${error.message}${error.hint === undefined ? '' : ` ${error.hint}`}\n`);
  return process.exit(isOperatorsMatter(error.kind) ? EXIT_CONFIGURATION : 1);
}

/** Starting again by itself would not help. */
function isOperatorsMatter(kind: string): boolean {
  return ['invalid-input', 'wrong-key', 'unsupported-format', 'unauthenticated', 'not-found', 'not-writable'].includes(
    kind,
  );
}
