import type { UserRecord } from '../tenant/user.ts';
import { DOMAIN, generateGuid } from './people.ts';
import { seededRandom } from '../generate/random.ts';

export interface GroupRecord {
  id: string;
  displayName: string;
  description: string | null;
  mail: string | null;
  mailEnabled: boolean;
  mailNickname: string;
  securityEnabled: boolean;
  visibility: string | null;
  groupTypes: string[];
  resourceProvisioningOptions: string[];
  createdDateTime: string;
}

const NAMES = ['Sales', 'Research & Development', 'Lager Zürich', 'Board', 'Événements', 'Everyone'];

/** Microsoft 365 groups, two of them teams, and one security group. */
export function generateGroups(seed: number, users: readonly UserRecord[]): GroupRecord[] {
  if (users.length === 0) return [];
  const random = seededRandom(seed, 606);
  return NAMES.map((displayName, at) => {
    const unified = at < NAMES.length - 1;
    const mailNickname = `group${at + 1}`;
    return {
      id: generateGuid(random),
      displayName,
      description: unified ? `${displayName} of Meridian` : null,
      mail: unified ? `${mailNickname}@${DOMAIN}` : null,
      mailEnabled: unified,
      mailNickname,
      securityEnabled: !unified,
      visibility: unified ? 'Private' : null,
      groupTypes: unified ? ['Unified'] : [],
      resourceProvisioningOptions: at < 2 ? ['Team'] : [],
      createdDateTime: `2023-0${at + 1}-01T09:00:00Z`,
    };
  });
}

/** A root site, one site for each Microsoft 365 group, one without a group, and a personal one. */
export function generateSites(seed: number, groups: readonly GroupRecord[]): Record<string, unknown>[] {
  const random = seededRandom(seed, 707);
  const host = 'meridian.sharepoint.example';
  const site = (hostName: string, name: string, path: string, personal: boolean): Record<string, unknown> => ({
    id: `${hostName},${generateGuid(random)},${generateGuid(random)}`,
    name: path.split('/').at(-1),
    displayName: name,
    webUrl: `https://${hostName}${path}`,
    createdDateTime: '2023-01-01T00:00:00Z',
    lastModifiedDateTime: '2024-05-01T00:00:00Z',
    isPersonalSite: personal,
    siteCollection: { hostname: hostName },
  });
  const unified = groups.filter((group) => group.groupTypes.includes('Unified'));
  return [
    site(host, 'Meridian', '', false),
    ...unified.map((group) => site(host, group.displayName, `/sites/${group.mailNickname}`, false)),
    site(host, 'Intranet', '/sites/intranet', false),
    site('meridian-my.sharepoint.example', 'Personal site', '/personal/first_user', true),
  ];
}
