import { readFileSync } from 'node:fs';
import { Failure, Secret } from '@backhaul/domain';
import { fileVariable, type Setting, type SettingsDefinition, type SettingsOf } from './definition.ts';
import { nearestName } from './nearest-name.ts';

/** Variables with this prefix are ours: one that nobody declared is a mistake. */
const OUR_PREFIX = 'BACKHAUL_';

export interface ReadSettingsOptions {
  /** Names with our prefix that other processes read from the same environment. Default: none. */
  alsoKnown?: readonly string[];
}

/**
 * Reads every declared variable once and gives a frozen, typed result. A variable that is set to nothing counts as absent.
 * @throws Failure `invalid-input` (`settings.invalid`) that lists all problems, one line for each variable, and names them
 * in `where`; the values of secrets are never shown.
 */
export function readSettings<D extends SettingsDefinition>(
  definition: D,
  env: Readonly<Record<string, string | undefined>>,
  options: ReadSettingsOptions = {},
): SettingsOf<D> {
  const problems: Record<string, string> = unknownVariables(definition, env, options.alsoKnown ?? []);
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(definition)) {
    const read = readSetting(name, setting, env);
    if ('problem' in read) problems[name] = read.problem;
    else values[name] = read.value;
  }
  if (Object.keys(problems).length > 0) throw invalidSettings(problems);
  return Object.freeze(values) as SettingsOf<D>;
}

type Read<T> = { value: T } | { problem: string };

function readSetting(name: string, setting: Setting, env: Readonly<Record<string, string | undefined>>): Read<unknown> {
  const text = givenText(name, env);
  if ('problem' in text) return text;
  const source = text.value ?? setting.default;
  const parsed = setting.schema.safeParse(source);
  if (!parsed.success) {
    const remedy = `Set ${name} or ${fileVariable(name)}: ${setting.help}`;
    if (source === undefined) return { problem: `is missing. ${remedy}` };
    const reasons = parsed.error.issues.map((issue) => issue.message.replace(/\.$/, '')).join('; ');
    const shown = setting.secret === true ? '' : ` (it is ${abridged(source)})`;
    return { problem: `${reasons}${shown}. ${setting.help}` };
  }
  return { value: setting.secret === true && parsed.data !== undefined ? new Secret(parsed.data) : parsed.data };
}

/** The variable's text, or the content of the file that `NAME_FILE` names without its last line break. */
function givenText(name: string, env: Readonly<Record<string, string | undefined>>): Read<string | undefined> {
  const text = env[name] || undefined;
  const path = env[fileVariable(name)] || undefined;
  if (path === undefined) return { value: text };
  if (text !== undefined) return { problem: `is given twice. Set either ${name} or ${fileVariable(name)}.` };
  try {
    return { value: readFileSync(path, 'utf8').replace(/\r?\n$/, '') || undefined };
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return { problem: `the file ${path} cannot be read (${reason}). Correct ${fileVariable(name)}.` };
  }
}

function unknownVariables(
  definition: SettingsDefinition,
  env: Readonly<Record<string, string | undefined>>,
  alsoKnown: readonly string[],
): Record<string, string> {
  const known = [...Object.keys(definition), ...alsoKnown].flatMap((name) => [name, fileVariable(name)]);
  const ours = Object.keys(env).filter((name) => name.startsWith(OUR_PREFIX) && env[name] !== undefined);
  const problems: Record<string, string> = {};
  for (const name of ours.filter((candidate) => !known.includes(candidate))) {
    const nearest = nearestName(name, known);
    problems[name] = `is not a known setting. ${nearest === null ? 'Remove it.' : `Did you mean ${nearest}?`}`;
  }
  return problems;
}

function invalidSettings(problems: Record<string, string>): Failure {
  const lines = Object.entries(problems).map(([name, problem]) => `  ${name}: ${problem}`);
  const count = lines.length === 1 ? 'One setting is' : `${lines.length} settings are`;
  return new Failure('invalid-input', {
    code: 'settings.invalid',
    message: `${count} wrong:\n${lines.join('\n')}`,
    hint: 'Correct the variables in the environment of the process and start it again.',
    retry: 'never',
    where: problems,
  });
}

const MAX_SHOWN = 60;

function abridged(text: string): string {
  return JSON.stringify(text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`);
}
