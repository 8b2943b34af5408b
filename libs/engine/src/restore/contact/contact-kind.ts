import { isFailure } from '@backhaul/domain';
import type { ContactProperties } from '../../contact-source.ts';
import type { ContactTarget } from '../../contact-target.ts';
import { readStoredContact, type StoredContact } from '../../stored-contact.ts';
import type { Addition, Ask, RestorableItem, RestoreKind } from '../restore-kind.ts';
import { contactDifferences } from './compare-contacts.ts';
import { contactLikeness } from './contact-likeness.ts';
import { restorableContact } from './restorable-contact.ts';

/** How contacts are restored. */
export function contactKind(target: ContactTarget): RestoreKind {
  return {
    kind: 'contacts',
    noun: 'contact',
    target,
    folders: 'nested',
    refusedEarlier: { code: 'restore.photo-refused', message: 'An earlier attempt was refused the photo of it.' },
    async open(entry, point, ask) {
      const stored = await readStoredContact(entry, point);
      return stored === null ? null : openContact(target, stored, entry.containerId, ask);
    },
  };
}

function openContact(target: ContactTarget, stored: StoredContact, containerId: string, ask: Ask): RestorableItem {
  const { properties, photo } = stored;
  const { fields, losses } = restorableContact(properties);
  const { id, changeKey, parentFolderId } = properties;
  const restored: StoredContact = { properties: { id, changeKey, parentFolderId, ...fields }, photo };
  const likeness = contactLikeness(properties);
  return {
    losses,
    likeness,
    async findVersions(folder) {
      // Where the original may still be it counts whatever it is called now.
      const of = { displayName: properties.displayName ?? '', id: folder.id === containerId ? id : null };
      const found = await ask((signal) => target.findTwins(folder.id, of, signal));
      return found
        .filter((candidate) => candidate.id === of.id || contactLikeness(candidate) === likeness)
        .map((candidate) => ({
          id: candidate.id,
          isSame: () => isSame(target, [stored, restored], candidate, ask),
        }));
    },
    create: (folderId, mark) => ask((signal) => target.create(folderId, { fields, mark }, signal)),
    additions: photo === null ? [] : [photoOf(target, photo, ask)],
    async differences(folder, createdId) {
      const found = await ask((signal) => target.contact(createdId, signal));
      if (found === null) return ['readable'];
      const foundPhoto = await ask((signal) => target.photo(createdId, signal));
      return contactDifferences(restored, { properties: found, photo: foundPhoto }, folder.path);
    },
  };
}

function photoOf(target: ContactTarget, photo: Uint8Array, ask: Ask): Addition {
  return {
    async add(id) {
      await ask((signal) => target.setPhoto(id, photo, signal));
      return [];
    },
    whenRefused: (message) => ({ code: 'restore.photo-refused', message: `The photo was refused: ${message}` }),
  };
}

/** Equal to one of the forms; the photo is asked for only when everything else is. */
async function isSame(
  target: ContactTarget,
  forms: readonly StoredContact[],
  candidate: ContactProperties,
  ask: Ask,
): Promise<boolean> {
  const isEqual = (photoOfForm: (form: StoredContact) => Uint8Array | null) =>
    forms.some(
      (form) => contactDifferences(form, { properties: candidate, photo: photoOfForm(form) }, []).length === 0,
    );
  if (!isEqual(({ photo }) => photo)) return false;
  try {
    const photo = await ask((signal) => target.photo(candidate.id, signal));
    return isEqual(() => photo);
  } catch (error) {
    // Gone meanwhile.
    if (isFailure(error, 'not-found', 'unreadable')) return false;
    throw error;
  }
}
