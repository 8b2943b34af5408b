import { ACCESS } from '../../graph/access.ts';
import { openMailbox, openMailboxForWriting, type GraphContext } from '../../graph/graph-context.ts';
import { NO_PREFERENCES } from '../../http/graph-request.ts';
import { itemNotFound } from '../../http/graph-error.ts';
import type { Route } from '../../http/router.ts';
import { attachmentRoutesOf } from '../../outlook/attachments/attachment-routes.ts';
import { uploadSessionRoute, type OpenTargetHolder } from '../../outlook/attachments/upload-sessions.ts';
import { messageHolder } from './message-holder.ts';
import { openMessage } from './open-mail.ts';

/** Where messages are; the message is named by the last parameter in braces. */
const MESSAGE_PATHS = ['/users/{user}/messages/{message}', '/users/{user}/mailFolders/{folder}/messages/{message}'];

/** Attachments of messages of all three kinds, and sessions for large ones. */
export function attachmentRoutes(context: GraphContext): Route[] {
  const access = { read: ACCESS.mailContent, write: ACCESS.mailWrite };
  return MESSAGE_PATHS.flatMap((path) => [
    ...attachmentRoutesOf(context, path, access, (request, parameters, write) => {
      const open = (write ? openMailboxForWriting : openMailbox)(context, parameters[0]!);
      const { mailbox, message } = openMessage(context, open, parameters[path.includes('{folder}') ? 2 : 1]!);
      return messageHolder({ context, request, mailbox, key: message.key, state: message.state });
    }),
    uploadSessionRoute(context, path, ACCESS.mailWrite, (parameters) => {
      const { mailbox, message } = openMessage(
        context,
        openMailboxForWriting(context, parameters[0]!),
        parameters.at(-1)!,
      );
      return { mailbox: mailbox.number, target: { kind: 'message', key: message.key, day: 0 } };
    }),
  ]);
}

/** The message that an upload is for; with mutable ids, as the upload service names it. */
export function messageTarget(context: GraphContext): OpenTargetHolder {
  return (number, { key }) => {
    const mailbox = context.tenant.mailboxes.get(number)!;
    const state = mailbox.message(key);
    if (state === null) throw itemNotFound();
    return messageHolder({ context, request: { preferences: NO_PREFERENCES }, mailbox, key, state });
  };
}
