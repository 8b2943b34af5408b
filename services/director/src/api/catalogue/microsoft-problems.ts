import type { ProblemEntries } from './problem-entry.ts';

/** What Entra and Microsoft Graph answer when a tenant connection is tried or its inventory listed. */
export const MICROSOFT_PROBLEMS: ProblemEntries = {
  'entra.tenant-unknown': [
    'invalid-input',
    'Entra knows no tenant of this id.',
    'Copy the directory (tenant) id again.',
  ],
  'entra.application-unknown': [
    'invalid-input',
    'The tenant knows no application of this client id.',
    'Copy the client id again; grant admin consent in this tenant.',
  ],
  'entra.application-disabled': ['invalid-input', 'The application is disabled.', 'Enable it in Entra.'],
  'entra.secret-wrong': ['invalid-input', 'Entra refuses the client secret.', 'Enter its value, not its id.'],
  'entra.secret-expired': ['invalid-input', 'The client secret has expired.', 'Make a new one in Entra and enter it.'],
  'entra.certificate-wrong': [
    'invalid-input',
    'Entra refuses the certificate.',
    'Register this very certificate for the application.',
  ],
  'entra.clock-wrong': ['invalid-input', 'Entra finds the assertion outside its time.', 'Set the clock of the host.'],
  'entra.access-blocked': [
    'invalid-input',
    'A conditional access policy blocks the application.',
    'Allow the address of the host in the policy for workload identities.',
  ],
  'entra.scope-refused': [
    'invalid-input',
    'Entra does not know the Graph address as a resource.',
    'Use the two addresses of one cloud.',
  ],
  'entra.not-found': [
    'invalid-input',
    'There is no Entra at the login address.',
    'Check login address and directory id.',
  ],
  'entra.refused': ['invalid-input', 'Entra gives no token.', 'Check directory id, client id and credential.'],
  'entra.busy': ['unavailable', 'Entra cannot give a token at the moment.', 'Try again later.'],
  'graph.throttled': ['throttled', 'Microsoft asks to wait.', 'Repeat it after `Retry-After`.'],
  'graph.token-refused': ['invalid-input', 'Graph refuses the token.', 'Check the application in Entra.'],
  'graph.permission-missing': [
    'permission-missing',
    'Graph misses a permission.',
    'Grant it in Entra with admin consent.',
  ],
  'graph.forbidden': ['invalid-input', 'Graph does not allow this.', 'Check permissions and policies in Entra.'],
  'graph.mailbox-denied': ['invalid-input', 'Graph denies the access.', 'Check permissions and access policies.'],
  'graph.licence-missing': ['invalid-input', 'A licence is missing.', 'Check the subscriptions of the tenant.'],
  'graph.payment-required': ['invalid-input', 'Microsoft meters this API.', 'Set up billing for it in Azure.'],
  'graph.foreign-link': ['invalid-input', 'Graph sent a link to another host; it was not followed.', 'Report it.'],
  'graph.object-not-found': ['invalid-input', 'Graph does not find what was asked for.', 'Check the Graph address.'],
  'graph.item-not-found': ['invalid-input', 'Graph does not find what was asked for.', 'Check the Graph address.'],
  'graph.bad-request': ['invalid-input', 'Graph does not understand the request.', 'Check the Graph address.'],
  'graph.not-supported': ['invalid-input', 'This Graph cannot do what is needed.', 'Check the Graph address.'],
  'graph.unavailable': ['unavailable', 'Graph fails at the moment.', 'Try again later.'],
  'graph.connection-lost': ['unavailable', 'The connection to Graph broke.', 'Try again.'],
  'graph.truncated': ['unavailable', 'An answer of Graph was cut off.', 'Try again.'],
  'graph.not-from-graph': ['unavailable', 'A web page came instead of an answer of Graph.', 'Look at the proxy.'],
  'graph.no-list': ['unavailable', 'Graph answered without the list that was asked for.', 'Try again later.'],
  'graph.endless-paging': ['unavailable', 'A list of Graph does not end.', 'Try again later.'],
  'graph.unexpected-status': ['unavailable', 'Graph answered in a way nobody documents.', 'Try again later.'],
  'graph.unexpected-redirect': [
    'unavailable',
    'Graph sends elsewhere; that is not followed.',
    'Check the Graph address.',
  ],
  cancelled: ['cancelled', 'The work was stopped while Microsoft was asked.', 'Try again.'],
};

/** Codes that whoever asks Microsoft on behalf of a tenant may meet. */
export const MICROSOFT_CODES: readonly string[] = Object.keys(MICROSOFT_PROBLEMS);
