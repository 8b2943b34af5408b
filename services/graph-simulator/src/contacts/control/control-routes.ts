import { mailboxNumber, readTruthQuery } from '../../control/control-query.ts';
import type { ControlRoute } from '../../control/control-server.ts';
import { LongAnswer } from '../../control/long-answer.ts';
import type { GraphContext } from '../../graph/graph-context.ts';
import type { NewContact } from '../../protocol/contacts/changes.ts';
import { contactsTruth } from '../truth/truth.ts';
import { addContact } from './given-contact.ts';

/** What the control port can be asked about contacts. */
export function contactsControlRoutes(context: GraphContext): ControlRoute[] {
  const { tenant } = context;
  return [
    { method: 'POST', path: '/contacts', handle: ({ body }) => addContact(context, body as NewContact) },
    {
      method: 'GET',
      path: '/contacts-truth',
      handle: ({ query }) => {
        const { owner, mark, forms } = readTruthQuery(tenant, query);
        const book = tenant.contacts.get(mailboxNumber(tenant, owner))!;
        const { contacts, ...head } = contactsTruth(tenant, book, mark, forms);
        return new LongAnswer(head, 'contacts', contacts);
      },
    },
  ];
}
