export * from './mail-source.ts';
export * from './mail-target.ts';
export * from './work.ts';
export * from './canonical-form.ts';
export { readMessageContent } from './mime/message-content.ts';
export { folderPaths, type PlacedFolder } from './folder-paths.ts';
export {
  MESSAGE_PARTS,
  isUnread,
  readStoredMessage,
  readUnread,
  type PartSource,
  type StoredMessage,
  type UnreadMessage,
} from './stored-message.ts';
export { backupMailbox, type BackupMailboxInput } from './backup/backup-mailbox.ts';
export { pointSummary } from './backup/commit-point.ts';
export { restoreMailbox, type RestoreMailboxInput } from './restore/restore-mailbox.ts';
export { restorableMessage, type Loss, type RestorableMessage } from './restore/restorable-message.ts';
export * from './drive/drive-item.ts';
export * from './drive/drive-source.ts';
export { QuickXorHash } from './drive/quick-xor-hash.ts';
export {
  FILE_PARTS,
  readStoredFile,
  readStoredPermissions,
  readStoredProperties,
  readUnreadFile,
  readVersionList,
  type StoredFile,
  type StoredVersion,
  type UnreadFile,
} from './stored-file.ts';
