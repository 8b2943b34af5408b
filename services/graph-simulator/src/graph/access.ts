import { GraphError } from '../http/graph-error.ts';
import type { CallingApp } from '../http/graph-request.ts';
import type { Access } from '../http/router.ts';

/** Application permissions by what they open; the first one is the least that is enough. */
export const ACCESS = {
  organization: directory(
    'Organization.Read.All',
    'Organization.ReadWrite.All',
    'Directory.Read.All',
    'Directory.ReadWrite.All',
    'User.Read.All',
  ),
  users: directory(
    'User.ReadBasic.All',
    'User.Read.All',
    'User.ReadWrite.All',
    'Directory.Read.All',
    'Directory.ReadWrite.All',
  ),
  usersRestore: directory('User.DeleteRestore.All'),
  userSettings: directory('User.Read.All', 'User.ReadWrite.All'),
  groups: directory(
    'Group.ReadBasic.All',
    'Group.Read.All',
    'Group.ReadWrite.All',
    'GroupMember.Read.All',
    'Directory.Read.All',
    'Directory.ReadWrite.All',
  ),
  sites: {
    anyOf: ['Sites.Read.All', 'Sites.ReadWrite.All', 'Sites.Manage.All', 'Sites.FullControl.All'],
    service: 'sharepoint',
  },
  files: sharePoint('Files.Read.All', 'Files.ReadWrite.All', 'Sites.Read.All', 'Sites.ReadWrite.All'),
  filesWrite: sharePoint('Files.ReadWrite.All', 'Sites.ReadWrite.All'),
  mailboxSettings: outlook('MailboxSettings.Read', 'MailboxSettings.ReadWrite'),
  mailList: outlook('Mail.ReadBasic.All', 'Mail.ReadBasic', 'Mail.Read', 'Mail.ReadWrite'),
  mailContent: outlook('Mail.Read', 'Mail.ReadWrite'),
  mailWrite: outlook('Mail.ReadWrite'),
  mailSend: outlook('Mail.Send'),
  contacts: outlook('Contacts.Read', 'Contacts.ReadWrite'),
  contactsWrite: outlook('Contacts.ReadWrite'),
  calendarsList: outlook('Calendars.ReadBasic', 'Calendars.Read', 'Calendars.ReadWrite'),
  calendars: outlook('Calendars.Read', 'Calendars.ReadWrite'),
  calendarsWrite: outlook('Calendars.ReadWrite'),
} as const satisfies Record<string, Access>;

function directory(...anyOf: string[]): Access {
  return { anyOf, service: 'directory' };
}

function sharePoint(...anyOf: string[]): Access {
  return { anyOf, service: 'sharepoint' };
}

function outlook(...anyOf: string[]): Access {
  return { anyOf, service: 'outlook' };
}

/** @throws GraphError 403 in the words of the service, when the token holds none of the permissions */
export function checkAccess(access: Access, app: CallingApp): void {
  if (access.anyOf.some((role) => app.roles.has(role))) return;
  if (access.service === 'directory') {
    throw new GraphError(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
  }
  if (app.roles.size === 0) {
    throw new GraphError(403, 'accessDenied', 'Either scp or roles claim need to be present in the token.');
  }
  if (access.service === 'sharepoint') throw new GraphError(403, 'accessDenied', 'Access denied');
  throw new GraphError(403, 'ErrorAccessDenied', 'Access is denied. Check credentials and try again.');
}
