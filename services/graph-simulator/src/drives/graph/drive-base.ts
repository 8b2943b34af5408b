import { openDrive, openDriveOfUser, type OpenBy } from './open-drive.ts';

/** One of the ways in which paths name a drive. */
export interface DriveBase {
  path: string;
  open: OpenBy;
}

export const DRIVE_BASES: readonly DriveBase[] = [
  { path: '/drives/{drive}', open: openDrive },
  { path: '/users/{user}/drive', open: openDriveOfUser },
];
