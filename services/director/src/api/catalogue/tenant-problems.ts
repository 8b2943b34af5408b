import type { ProblemEntries } from './problem-entry.ts';

/** What can be wrong with a tenant connection. */
export const TENANT_PROBLEMS: ProblemEntries = {
  'tenant.not-found': ['not-found', 'There is no such tenant connection.', 'List the tenants.'],
  'tenant.name-taken': ['conflict', 'There is a tenant connection of this name.', 'Choose another name.'],
  'tenant.connected-already': ['conflict', 'The tenant is connected already.', 'Change that connection.'],
  'tenant.credential-invalid': [
    'invalid-input',
    'The certificate or its key cannot be read, do not belong together, or are out of date.',
    'Send both in PEM, unencrypted, of one valid certificate.',
  ],
  'tenant.endpoint-refused': [
    'invalid-input',
    'Login or Graph address is neither Microsoft’s nor allowed by `BACKHAUL_GRAPH_HOSTS`, or they do not fit together.',
    'Use the two addresses of one cloud.',
  ],
  'tenant.unreachable': [
    'invalid-input',
    'Login or Graph address does not answer.',
    'Check address, network, proxy and, for an authority of your own, `BACKHAUL_CA_FILE`.',
  ],
  'tenant.other-directory': [
    'invalid-input',
    'The application belongs to another tenant than the directory id says.',
    'Copy both ids from one app registration.',
  ],
  'tenant.permission-missing': [
    'permission-missing',
    'The application lacks permissions that a backup needs; `where.permission` names them.',
    'Add them in Entra and grant admin consent.',
  ],
};
