/** What happens to drives. */
export type DrivesEvent = never;
