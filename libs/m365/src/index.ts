/*
 * The only talker to Microsoft Graph and Entra. `createTokenSource` gets tokens, `openGraph` sends requests through the
 * official client with our pipeline (persist → authenticate → hold back at the mailbox's gate → exchange), `mailSource` and
 * `mailTarget` implement the engine's ports on it, `openDirectory` lists what can be protected. Whatever goes wrong comes
 * out as a `Failure`, translated in one table: `classify`.
 */
export { openDirectory } from './directory.ts';
export type * from './directory.ts';
export { driveSource } from './drive/drive-source.ts';
export { driveTarget } from './drive/drive-target.ts';
export * from './endpoints.ts';
export type * from './graph-request.ts';
export * from './graph.ts';
export { calendarSource } from './calendar/calendar-source.ts';
export { contactSource } from './contacts/contact-source.ts';
export type { FolderChoice } from './mail/folders.ts';
export { mailSource } from './mail/mail-source.ts';
export { mailboxSources } from './outlook/mailbox-sources.ts';
export { mailboxTargets } from './outlook/mailbox-targets.ts';
export { mailTarget } from './mail/mail-target.ts';
export { contactTarget } from './contacts/contact-target.ts';
export { calendarTarget } from './calendar/calendar-target.ts';
export * from './permissions.ts';
export type { TokenSupplier } from './pipeline/authenticate.ts';
export type { Gate } from './pipeline/gate.ts';
export * from './token-source.ts';
export * from './transport.ts';
