import { writeFile } from 'node:fs/promises';
import { Argument, Command } from 'commander';
import { thisMachine } from '../demo/figures.ts';
import type { RunFigures } from './measure-run.ts';
import { playScenario } from './play-scenario.ts';
import { SCENARIOS } from './scenarios.ts';
import { figuresTable } from './table.ts';

/*
 * `npm run bench`: how fast the whole system is on this machine, with every part as a process of its own beside the
 * simulated tenant, and so with all of them sharing its cores.
 */

const command = new Command('npm run bench --')
  .description('Measures backups of a simulated Microsoft 365 tenant with the whole system on this machine.')
  .addArgument(
    new Argument('[scenarios...]', 'what to measure; default: everything').choices(SCENARIOS.map(({ id }) => id)),
  )
  .option('--json <file>', 'write the figures to this file as JSON')
  .addHelpText('after', `\nScenarios:\n${SCENARIOS.map(({ id, title }) => `  ${id.padEnd(16)} ${title}`).join('\n')}`)
  .parse();
const wanted = new Set(command.args.length > 0 ? command.args : SCENARIOS.map(({ id }) => id));
const { json } = command.opts<{ json?: string }>();

const runs: RunFigures[] = [];
let versions = {};
for (const scenario of SCENARIOS.filter(({ id }) => wanted.has(id))) {
  process.stderr.write(`${scenario.title} …\n`);
  const played = await playScenario(scenario);
  runs.push(...played.runs);
  versions = played.versions;
}
const measured = { measuredAt: new Date().toISOString(), machine: thisMachine(), versions, runs };
process.stdout.write(`${JSON.stringify({ ...measured, runs: undefined })}\n\n${figuresTable(runs)}\n`);
if (json !== undefined) await writeFile(json, `${JSON.stringify(measured, null, 2)}\n`);
