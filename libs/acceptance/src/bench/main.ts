import { writeFile } from 'node:fs/promises';
import { Argument, Command } from 'commander';
import { thisMachine } from '../figures/this-machine.ts';
import type { MeasuredRun } from './measure-run.ts';
import { PART_BENCHES, runPart } from './parts.ts';
import { playScenario } from './play-scenario.ts';
import { SCENARIOS } from './scenarios.ts';
import { figuresTable } from './table.ts';

/*
 * `npm run bench`: how fast the whole system is on this machine, with every part as a process of its own beside the
 * simulated tenant, and so with all of them sharing its cores; and how fast its parts are by themselves.
 */

const benches = [...SCENARIOS, ...PART_BENCHES];
const command = new Command('npm run bench --')
  .description('Measures the whole system on a simulated Microsoft 365 tenant, and its parts by themselves.')
  .addArgument(
    new Argument('[benches...]', 'what to measure; default: everything').choices(benches.map(({ id }) => id)),
  )
  .option('--json <file>', 'write the figures to this file as JSON')
  .addHelpText('after', `\nBenches:\n${benches.map(({ id, title }) => `  ${id.padEnd(16)} ${title}`).join('\n')}`)
  .parse();
const wanted = new Set(command.args.length > 0 ? command.args : benches.map(({ id }) => id));
const { json } = command.opts<{ json?: string }>();
const say = (text: string) => process.stderr.write(`${text} …\n`);

const runs: MeasuredRun[] = [];
let versions = {};
for (const scenario of SCENARIOS.filter(({ id }) => wanted.has(id))) {
  say(scenario.title);
  const played = await playScenario(scenario);
  runs.push(...played.runs);
  versions = played.versions;
}
const parts: Record<string, string> = {};
for (const part of PART_BENCHES.filter(({ id }) => wanted.has(id))) {
  say(part.title);
  parts[part.id] = await runPart(part);
}

const measured = { measuredAt: new Date().toISOString(), machine: thisMachine(), versions };
process.stdout.write(`${JSON.stringify(measured)}\n`);
if (runs.length > 0) process.stdout.write(`\n${figuresTable(runs)}\n`);
for (const [id, output] of Object.entries(parts)) process.stdout.write(`\n== ${id} ==\n${output}\n`);
if (json !== undefined) await writeFile(json, `${JSON.stringify({ ...measured, runs, parts }, null, 2)}\n`);
