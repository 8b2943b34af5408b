import type { ItemKind, ObjectKind, ProtectedObject } from '@backhaul/domain';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { id, text } from './field.ts';
import {
  ItemKind as WireItemKind,
  ObjectKind as WireObjectKind,
  type ProtectedObject as WireProtectedObject,
  type ProtectedObjectSchema,
} from './generated/backhaul/dispatch/v1/protected_object_pb.ts';
import { wordTable } from './word-table.ts';

const objectKinds = wordTable<ObjectKind, WireObjectKind>({
  mailbox: WireObjectKind.MAILBOX,
  groupMailbox: WireObjectKind.GROUP_MAILBOX,
  oneDrive: WireObjectKind.ONE_DRIVE,
  site: WireObjectKind.SITE,
  team: WireObjectKind.TEAM,
});

/** Kinds of items ↔ their numbers. */
export const itemKinds = wordTable<ItemKind, WireItemKind>({
  mail: WireItemKind.MAIL,
  contacts: WireItemKind.CONTACTS,
  calendar: WireItemKind.CALENDAR,
  files: WireItemKind.FILES,
});

/** A protected object for the wire. */
export function protectedObjectToWire(
  object: ProtectedObject,
  path: string,
): MessageInitShape<typeof ProtectedObjectSchema> {
  return { ...object, kind: objectKinds.toWire(object.kind, `${path}.kind`) };
}

/** A protected object off the wire. @throws Failure `invalid-input`. */
export function protectedObjectFromWire(wire: WireProtectedObject, path: string): ProtectedObject {
  return {
    id: id(wire.id, `${path}.id`),
    tenantId: id(wire.tenantId, `${path}.tenant_id`),
    kind: objectKinds.fromWire(wire.kind, `${path}.kind`),
    externalId: text(wire.externalId, `${path}.external_id`),
    displayName: wire.displayName,
    address: wire.address,
  };
}
