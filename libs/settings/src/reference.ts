import type { Setting, SettingsDefinition } from './definition.ts';

/** The settings of a process as a Markdown table, printed from their declaration for the documentation. */
export function settingsReference(definition: SettingsDefinition): string {
  const rows = Object.entries(definition).map(([name, setting]) => [
    `\`${name}\``,
    setting.help,
    setting.unit ?? '',
    defaultOf(setting),
    setting.secret === true ? 'yes' : '',
  ]);
  const heads = ['Variable', 'Meaning', 'Unit', 'Default', 'Secret'];
  return [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |\n`).join('');
}

function defaultOf(setting: Setting): string {
  if (setting.defaultInWords !== undefined) return setting.defaultInWords;
  if (setting.default !== undefined) return setting.default === '' ? 'empty' : `\`${setting.default}\``;
  return setting.schema.safeParse(undefined).success ? 'not set' : '**required**';
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
