import { stateAt } from '../../tenant/versions.ts';
import { Drive } from './drive.ts';
import { DriveIds } from './drive-ids.ts';
import type { DrivesEvent, DriveUpload } from './event.ts';

/** All drives of the tenant, and what is on its way into them. */
export class Drives {
  readonly ids: DriveIds;
  readonly uploads = new Map<string, DriveUpload>();
  readonly #drives = new Map<number, Drive>();
  readonly #ofUser = new Map<string, Drive>();

  constructor(seed: number, generated: readonly Drive[]) {
    this.ids = new DriveIds(seed);
    for (const drive of generated) this.#add(drive);
  }

  get(number: number): Drive | undefined {
    return this.#drives.get(number);
  }

  all(): Iterable<Drive> {
    return this.#drives.values();
  }

  /** The newest drive of a user, whatever its state. @param user id */
  ofUser(user: string): Drive | undefined {
    return this.#ofUser.get(user);
  }

  /** A number that no drive ever had. */
  newNumber(): number {
    return Math.max(0, ...this.#drives.keys()) + 1;
  }

  take(event: DrivesEvent, seq: number): void {
    switch (event.do) {
      case 'drive': {
        const drive = this.#drives.get(event.drive);
        if (drive === undefined) this.#add(new Drive(event.drive, event.state));
        else drive.state = event.state;
        break;
      }
      case 'drive-item':
        this.#drives.get(event.drive)!.set(event.key, event.state, seq, event.at);
        break;
      case 'drive-upload':
        if (event.session === null) this.uploads.delete(event.id);
        else this.uploads.set(event.id, event.session);
        break;
    }
  }

  #add(drive: Drive): void {
    this.#drives.set(drive.number, drive);
    this.#ofUser.set(drive.state.owner, drive);
  }
}

/** The state that an item had at a mark. */
export function itemAt(drive: Drive, key: number, mark: number): ReturnType<Drive['item']> {
  const record = drive.items.get(key);
  return record === undefined ? null : stateAt(record.versions, mark);
}
