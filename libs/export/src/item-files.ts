import type { ItemEntry, PointReader } from '@backhaul/repository';
import type { ExportedFile } from './exported-file.ts';
import type { Place } from './folder-places.ts';
import type { ItemAccount } from './item-account.ts';
import type { Rendered } from './render-item.ts';
import { safeName } from './safe-name.ts';

/** What an item's file would be called if all names were safe. */
export function fileNameOf(item: ItemEntry): string {
  switch (item.kind) {
    case 'message':
      return `${dated(item.receivedAt)}${item.subject || '(no subject)'}.eml`;
    case 'contact':
      return `${item.name || '(no name)'}.vcf`;
    case 'event':
      return `${dated(item.startsAt)}${item.subject || '(no subject)'}.ics`;
    case 'file':
      return item.name;
  }
}

function dated(time: string): string {
  return time === '' ? '' : `${time.slice(0, 10)} `;
}

/** When a message came and a file was changed; of others the time of the point. */
export function modifiedAtOf(item: ItemEntry, point: PointReader): Date {
  const own = item.kind === 'message' ? item.receivedAt : item.kind === 'file' ? item.modifiedAt : '';
  const time = Date.parse(own);
  return new Date(Number.isNaN(time) ? point.record.committedAt : time);
}

/** Files that belong to an item, under the name of its own file. */
export function* besideFiles(
  account: ItemAccount,
  { beside }: Pick<Rendered, 'beside'>,
  { place, name, modifiedAt }: { place: Place; name: string; modifiedAt: Date },
): Generator<ExportedFile> {
  for (const file of beside) {
    const own = safeName(`${name} - ${file.name}`, place.taken);
    yield account.file(`${place.path}/${own}`, file.content, { modifiedAt, known: null });
  }
}
