import { readCommandLine } from './options.ts';
import { startSimulator } from './simulator.ts';

/*
 * The simulator as a process of its own: one JSON line on standard output when it is ready (see `SimulatorReady`), then
 * nothing. SIGTERM and SIGINT end it with code 0; a wrong option or a port that is taken with code 1 and one line.
 */
try {
  const simulator = await startSimulator(readCommandLine(process.argv.slice(2)));
  // What is no data (the control client, `close`) is no part of the line.
  const { control: _control, caCertificate: _caCertificate, ...ready } = simulator;
  process.stdout.write(`${JSON.stringify(ready)}\n`);
  const stop = (): void => {
    void simulator.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (error) {
  process.stderr.write(`graph-simulator: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
