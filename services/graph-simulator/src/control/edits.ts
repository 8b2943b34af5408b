import { CALENDAR_EDITS } from '../calendar/control/edits.ts';
import { CONTACTS_EDITS } from '../contacts/control/edits.ts';
import { DRIVES_EDITS } from '../drives/control/edits.ts';
import type { GraphContext } from '../graph/graph-context.ts';
import { MAIL_EDITS } from '../mail/control/edits.ts';
import type { Edit, UserEdit } from '../protocol/changes.ts';
import type { EditResult } from '../protocol/item.ts';
import type { EditTable } from './edit-table.ts';
import { changeUser } from './users.ts';

const USER_EDITS: EditTable<UserEdit> = {
  'update-user': (context, { mailbox, set }) => ({ id: changeUser(context, mailbox, set).id }),
};

const EDITS: EditTable<Edit> = {
  ...MAIL_EDITS,
  ...CONTACTS_EDITS,
  ...CALENDAR_EDITS,
  ...DRIVES_EDITS,
  ...USER_EDITS,
};

/** Does one exact edit, as the owner of the mailbox or drive would. @throws Error when something it names is not there */
export function applyEdit(context: GraphContext, edit: Edit): EditResult {
  if (!Object.hasOwn(EDITS, edit.do)) throw new Error(`there is no edit '${String(edit.do)}'`);
  const does = EDITS[edit.do] as (context: GraphContext, edit: Edit) => EditResult;
  return does(context, edit);
}
