import type { UserRecord } from '../tenant/user.ts';

/** A user as the directory shows it. @param all also what comes only by `$select` */
export function userJson(user: UserRecord, all: boolean): Record<string, unknown> {
  const json: Record<string, unknown> = {
    id: user.id,
    businessPhones: [],
    displayName: user.displayName,
    givenName: user.givenName,
    jobTitle: null,
    mail: user.mail,
    mobilePhone: null,
    officeLocation: null,
    preferredLanguage: null,
    surname: user.surname,
    userPrincipalName: user.userPrincipalName,
  };
  if (!all) return json;
  const licensed = user.kind === 'user' && user.mailboxState !== 'unlicensed';
  const plan = {
    capabilityStatus: 'Enabled',
    service: 'exchange',
    servicePlanId: 'efb87545-963c-4e0d-99df-69c6916d9eb0',
    assignedDateTime: '2024-01-01T00:00:00Z',
  };
  return {
    ...json,
    accountEnabled: user.accountEnabled,
    userType: user.kind === 'guest' ? 'Guest' : 'Member',
    createdDateTime: '2023-12-01T08:00:00Z',
    onPremisesSyncEnabled: null,
    assignedPlans: licensed ? [plan] : [],
    proxyAddresses: user.mail === null ? [] : [`SMTP:${user.mail}`],
    usageLocation: 'CH',
  };
}
