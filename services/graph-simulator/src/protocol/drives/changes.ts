/** One exact edit of drives. */
export type DrivesEdit = never;
