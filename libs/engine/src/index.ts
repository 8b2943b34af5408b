export * from './item-source.ts';
export * from './mail-source.ts';
export * from './contact-source.ts';
export * from './calendar-source.ts';
export * from './item-target.ts';
export * from './mail-target.ts';
export * from './contact-target.ts';
export * from './calendar-target.ts';
export * from './work.ts';
export { ContentBudget } from './content-budget.ts';
export * from './canonical-form.ts';
export * from './canonical-contact.ts';
export * from './canonical-event.ts';
export { canonicalName, canonicalTime, type CanonicalAddress } from './canonical-texts.ts';
export type { CanonicalAttachment, CanonicalItem } from './canonical-attachments.ts';
export { ianaZone, utcTime } from './zoned-time.ts';
export { readMessageContent } from './mime/message-content.ts';
export { folderPaths, type PlacedFolder } from './folder-paths.ts';
export { isUnread, ITEM_PARTS, readProperties, readUnread, type PartSource, type UnreadItem } from './stored-item.ts';
export { MESSAGE_PARTS, readStoredMessage, type StoredMessage } from './stored-message.ts';
export { CONTACT_PARTS, readStoredContact, type StoredContact } from './stored-contact.ts';
export { EVENT_PARTS, readStoredEvent, type StoredEvent } from './stored-event.ts';
export { backupMailbox, type BackupMailboxInput } from './backup/backup-mailbox.ts';
export type { MailboxSources } from './backup/mailbox-sources.ts';
export { pointSummary } from './backup/commit-point.ts';
export { restoreMailbox, type MailboxTargets, type RestoreMailboxInput } from './restore/restore-mailbox.ts';
export { restorableMessage, type RestorableMessage } from './restore/message/restorable-message.ts';
export type { Loss } from './restore/restore-kind.ts';
export { notInPoint, planRestore, type PlannedFolder, type RestorePlan } from './restore/plan-restore.ts';
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
export { backupDrive, type BackupDriveInput } from './drive/backup/backup-drive.ts';
export type * from './drive/drive-target.ts';
export { restoreDrive, type RestoreDriveInput } from './drive/restore/restore-drive.ts';
