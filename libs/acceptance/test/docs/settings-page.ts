import { settingsReference } from '@backhaul/settings';
import { DIRECTOR_SETTINGS } from '../../../../services/director/src/settings.ts';
import { TRANSPORTER_SETTINGS } from '../../../../services/transporter/src/settings.ts';

/** `docs/settings.md`: what Director and Transporter are told by their environment, from the declarations they read it with. */
export function settingsPage(): string {
  return [
    '# Settings',
    'Director and Transporter are configured by environment variables alone. Each variable may also be given as ' +
      '`NAME_FILE`, the path of a file that holds the value, as container platforms mount secrets; giving both is a ' +
      'mistake. A variable that is set to nothing counts as absent. All settings are read once, at the start; when one is ' +
      'wrong, or a variable that begins with `BACKHAUL_` is unknown, the process ends with code 78 and one line for each ' +
      'problem. Values of secrets are never shown.',
    'This page is printed from the declarations by `npm run generate`.',
    '## Director',
    settingsReference(DIRECTOR_SETTINGS),
    '## Transporter',
    settingsReference(TRANSPORTER_SETTINGS),
  ].join('\n\n');
}
