import { changeCalendars } from '../calendar/control/change-calendars.ts';
import { changeContacts } from '../contacts/control/change-contacts.ts';
import { changeFiles } from '../drives/control/change-files.ts';
import { changeMail } from '../mail/control/change-mail.ts';
import { isoSeconds } from '../mail/generate/message.ts';
import type { ChangeKind, ChangePart, ChangeReport, ChangeRequest } from '../protocol/changes.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { noChanges, type ChangeOrder } from './change-order.ts';

const KINDS: readonly ChangeKind[] = ['new', 'changed', 'moved', 'deleted'];

/** What does the change in each part, and writes down what it did. */
const CHANGES: Readonly<Record<ChangePart, (order: ChangeOrder, report: ChangeReport) => void>> = {
  mail: (order, report) => changeMail(order, report),
  contacts: (order, report) => changeContacts(order, report.contacts),
  calendar: (order, report) => changeCalendars(order, report.calendar),
  files: (order, report) => changeFiles(order, report.files),
};
const PARTS = Object.keys(CHANGES) as ChangePart[];

/**
 * Changes a share of the parts that are asked for; no item is touched by two kinds. What is chosen follows from the seed
 * and the state.
 * @throws Error for a user, part or kind that is not there, and a share that is none
 */
export function changeTenant(tenant: Tenant, request: ChangeRequest, now: Date): ChangeReport {
  const { percent, seed = 1, parts = ['mail'], kinds = KINDS, renameFolder = false } = request;
  if (!(percent >= 0 && percent <= 100)) throw new Error(`percent must be from 0 to 100, not ${percent}`);
  refuseUnknown('parts', parts, PARTS);
  refuseUnknown('kinds', kinds, KINDS);
  const users = request.mailboxes?.map((name) => {
    const user = tenant.user(name);
    if (user === undefined) throw new Error(`there is no mailbox of ${name}`);
    return user;
  });
  const order: ChangeOrder = {
    tenant,
    share: percent / 100,
    seed,
    kinds,
    renameFolder,
    users: users ?? null,
    now: isoSeconds(now.getTime()),
  };
  const report: ChangeReport = {
    markBefore: tenant.sequence,
    markAfter: 0,
    ...noChanges(),
    renamedFolders: [],
    contacts: noChanges(),
    calendar: noChanges(),
    files: { ...noChanges(), renamed: [], renamedFolders: [] },
  };
  for (const part of PARTS) if (parts.includes(part)) CHANGES[part](order, report);
  report.markAfter = tenant.sequence;
  return report;
}

function refuseUnknown(field: string, given: readonly string[], known: readonly string[]): void {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`${field} may hold ${known.join(', ')}, not ${unknown}`);
}
