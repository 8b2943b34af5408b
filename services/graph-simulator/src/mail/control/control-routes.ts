import { mailboxNumber, readTruthQuery } from '../../control/control-query.ts';
import type { ControlRoute } from '../../control/control-server.ts';
import { LongAnswer } from '../../control/long-answer.ts';
import type { GraphContext } from '../../graph/graph-context.ts';
import type { NewMessage } from '../../protocol/mail/changes.ts';
import type { Tenant } from '../../tenant/tenant.ts';
import { mailboxTruth } from '../truth/truth.ts';
import { addMessage } from './given-message.ts';

/** What the control port can be asked about mail. */
export function mailControlRoutes(context: GraphContext): ControlRoute[] {
  return [
    { method: 'POST', path: '/messages', handle: ({ body }) => addMessage(context, body as NewMessage) },
    { method: 'GET', path: '/truth', handle: ({ query }) => truth(context.tenant, query) },
  ];
}

function truth(tenant: Tenant, query: URLSearchParams): LongAnswer {
  const { owner, mark, forms } = readTruthQuery(tenant, query);
  const mailbox = tenant.mailboxes.get(mailboxNumber(tenant, owner))!;
  const { messages, ...head } = mailboxTruth(tenant, mailbox, mark, {
    forms,
    recoverable: query.get('recoverable') === 'true',
  });
  return new LongAnswer(head, 'messages', messages);
}
