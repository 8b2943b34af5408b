// Runs the project's commands on any machine that has an old Node and npm: `node tools/run.mjs <command> [options]`.
// It installs the dependencies when they are missing or out of date (Node 24 is one of them), prepares the servers that
// tests and demo need, and goes on under Node 24. Everything in this file must work on Node 18.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const bin = join(root, 'node_modules', '.bin');
const stamp = join(root, 'node_modules', '.installed-from');
const OLDEST_NODE = [24, 11];

/** What each command does, in order. Arguments after the command go to its last step. */
const COMMANDS = {
  setup: [prepareServers],
  build: [build],
  test: [prepareServers, test],
  lint: [lint],
  format: [(node, args) => run(node, tool('prettier'), ['--write', '.', ...args])],
  generate: [generate],
  demo: [prepareServers, build, demo],
  bench: [prepareServers, build, bench],
};

const [command, ...args] = process.argv.slice(2);
const steps = COMMANDS[command];
if (!steps) fail(`Unknown command "${command ?? ''}". Known: ${Object.keys(COMMANDS).join(', ')}.`);
install();
const node = findNode();
for (const step of steps) step(node, step === steps[steps.length - 1] ? args : []);

/** Installs exactly what the lockfile names. Install scripts stay off; the two things they would do are done by us. */
function install() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  say('Installing dependencies (about a minute the first time) …');
  const npm = process.env.npm_execpath;
  const options = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  // npm names its own script when it started us; else it is looked for on PATH.
  if (npm && /\.c?js$/.test(npm)) run(process.execPath, npm, options);
  else run(process.platform === 'win32' ? 'npm.cmd' : 'npm', null, options);
  // npm can break off (network, certificates) and still call it a success; this file is the last that it writes.
  if (!existsSync(join(root, 'node_modules', '.package-lock.json'))) {
    fail(
      'npm did not install the dependencies; see its messages above (network, proxy, certificates?), then run this again.',
    );
  }
  linkNode();
  writeFileSync(stamp, lock);
}

/** Makes `node` of the scripts the packaged one, which npm 11 does by itself and npm 10 with Node 18 does not. */
function linkNode() {
  const link = join(bin, 'node');
  const packaged = packagedNode();
  if (process.platform !== 'win32' && existsSync(packaged) && !existsSync(link))
    symlinkSync(relative(bin, packaged), link);
}

/** The Node that runs everything else: the one among the dependencies, or the caller's own when that is new enough. */
function findNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const packaged = packagedNode();
  if (existsSync(packaged)) return packaged;
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return process.execPath;
  return fail(
    `There is no packaged Node for ${process.platform}-${process.arch}. Install Node ${OLDEST_NODE.join('.')} or newer and run this again.`,
  );
}

/** Where Node 24 lies when the package for this platform is installed. */
function packagedNode() {
  const onWindows = process.platform === 'win32';
  const folder = `node-${onWindows ? 'win' : process.platform}-${process.arch}`;
  return join(root, 'node_modules', folder, 'bin', onWindows ? 'node.exe' : 'node');
}

function prepareServers(node) {
  run(node, join(root, 'libs', 'local-servers', 'src', 'prepare.ts'), []);
}

function build(node) {
  nx(node, ['run-many', '-t', 'build']);
}

function test(node, args) {
  nx(node, ['run-many', '-t', 'test', '--parallel=2', ...(args.length > 0 ? ['--', ...args] : [])]);
}

function lint(node) {
  run(node, tool('typescript', 'tsc'), ['-p', 'tsconfig.json']);
  run(node, tool('eslint'), ['.', '--max-warnings=0']);
  run(node, tool('prettier'), ['--check', '--log-level=warn', '.']);
  run(node, tool('dependency-cruiser', 'depcruise'), ['libs', 'services', '--output-type', 'err']);
  run(node, tool('@bufbuild/buf', 'buf'), ['lint'], { cwd: join(root, 'proto') });
}

function generate(node) {
  run(node, tool('@bufbuild/buf', 'buf'), ['generate'], { cwd: join(root, 'proto') });
  const writePages = join(root, 'libs', 'acceptance', 'test', 'docs', 'write-pages.ts');
  run(node, '--conditions=@backhaul/source', [writePages]);
}

function demo(node, args) {
  run(node, join(root, 'libs', 'acceptance', 'dist', 'src', 'demo', 'main.js'), args, { interruptible: true });
}

function bench(node, args) {
  run(node, join(root, 'libs', 'acceptance', 'dist', 'src', 'bench', 'main.js'), args);
}

function nx(node, args) {
  run(node, tool('nx'), [...args, '--outputStyle=static'], { env: { NX_DAEMON: 'false' } });
}

/** The script of a tool among the dependencies, as its package names it. */
function tool(packageName, command = packageName) {
  const folder = join(root, 'node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : bin[command]);
}

/** Runs one program to its end and stops with its exit code unless it is 0. `script` null: `program` is run by itself. */
function run(program, script, args, { cwd = root, env = {}, interruptible = false } = {}) {
  // A program that handles Ctrl-C itself gets the time to end cleanly.
  if (interruptible) process.on('SIGINT', () => {});
  const result = spawnSync(program, script === null ? args : [script, ...args], {
    cwd,
    stdio: 'inherit',
    env: { ...process.env, PATH: bin + delimiter + (process.env.PATH ?? ''), ...env },
  });
  if (result.error) fail(`${program} could not be started: ${result.error.message}`);
  if (result.status !== 0) process.exit(result.status ?? 1);
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}
