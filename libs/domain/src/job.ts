/** 1 is the highest; new jobs get 3. Restores outrank all backups (see {@link RESTORE_PRIORITY}). */
export type Priority = 1 | 2 | 3 | 4 | 5;
export const DEFAULT_PRIORITY: Priority = 3;

/** Where restores stand in the same order: before every backup. */
export const RESTORE_PRIORITY = 0;

/** At most this many tasks of a job run at the same time across all Transporters. Range 1–1000. */
export const DEFAULT_TRANSPORTER_LOAD = 3;
export const MAX_TRANSPORTER_LOAD = 1000;

/** How changes since the last point are found. Stage by stage more of it is honoured; stored and validated from the start. */
export type ChangeTrackingMode = 'microsoft' | 'proprietary' | 'full';
export type OnChangeTrackingError = 'switch-to-proprietary' | 'fail-object';

export interface ChangeTracking {
  mode: ChangeTrackingMode;
  onError: OnChangeTrackingError;
}
export const DEFAULT_CHANGE_TRACKING: ChangeTracking = { mode: 'microsoft', onError: 'switch-to-proprietary' };

/** What limits the number of tasks of a job at work; `null` is the explicit choice "no job limit". */
export type TransporterLoad = number | null;

/** What a backup covers beside the items as they are, at a cost. */
export interface BackupExtras {
  /** Of a mailbox also what was deleted from Deleted Items and can still be recovered there. */
  recoverableItems: boolean;
  /** Of a file also its earlier versions: one request for each changed file, and one for each version not stored yet. */
  fileVersions: boolean;
  /** Of files and folders also who may use them: five of Microsoft's resource units for each shared one. */
  filePermissions: boolean;
}
export const DEFAULT_BACKUP_EXTRAS: BackupExtras = {
  recoverableItems: false,
  fileVersions: false,
  filePermissions: false,
};

/** What a restore brings back beside the items as they are. */
export interface RestoreExtras {
  /** Earlier versions of files, oldest first, before the newest. */
  fileVersions: boolean;
  /** Who may use files and folders; nobody is told. */
  filePermissions: boolean;
}
export const DEFAULT_RESTORE_EXTRAS: RestoreExtras = { fileVersions: false, filePermissions: false };
