import type { CollisionRule, RestorePlacement, RestoreSelection, RestoreWork } from '@backhaul/domain';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { fromUint64, id, present, refusedField, text, toUint64 } from './field.ts';
import {
  CollisionRule as WireCollisionRule,
  type RestorePlacement as WireRestorePlacement,
  type RestorePlacementSchema,
  type RestoreSelection as WireRestoreSelection,
  type RestoreSelectionSchema,
  type RestoreWork as WireRestoreWork,
  type RestoreWorkSchema,
} from './generated/backhaul/dispatch/v1/task_pb.ts';
import { itemKinds } from './protected-object.ts';
import { wordTable } from './word-table.ts';

const collisionRules = wordTable<CollisionRule, WireCollisionRule>({
  skip: WireCollisionRule.SKIP,
  replace: WireCollisionRule.REPLACE,
  'keep-both': WireCollisionRule.KEEP_BOTH,
  'only-missing': WireCollisionRule.ONLY_MISSING,
});

/** The work of a restore for the wire. */
export function restoreWorkToWire(work: RestoreWork): MessageInitShape<typeof RestoreWorkSchema> {
  return {
    restoreId: work.restoreId,
    source: { ...work.source, sequence: toUint64(work.source.sequence, 'RestoreWork.source.sequence') },
    selection: selectionToWire(work.selection),
    placement: placementToWire(work.placement),
    collision: collisionRules.toWire(work.collision, 'RestoreWork.collision'),
    include: work.include,
  };
}

/** The work of a restore off the wire. @throws Failure `invalid-input`. */
export function restoreWorkFromWire(wire: WireRestoreWork): RestoreWork {
  const source = present(wire.source, 'RestoreWork.source');
  return {
    type: 'restore',
    restoreId: id(wire.restoreId, 'RestoreWork.restore_id'),
    source: {
      jobId: id(source.jobId, 'RestoreWork.source.job_id'),
      objectId: id(source.objectId, 'RestoreWork.source.object_id'),
      sequence: fromUint64(source.sequence, 'RestoreWork.source.sequence'),
    },
    selection: selectionFromWire(present(wire.selection, 'RestoreWork.selection')),
    placement: placementFromWire(present(wire.placement, 'RestoreWork.placement')),
    collision: collisionRules.fromWire(wire.collision, 'RestoreWork.collision'),
    include: {
      fileVersions: wire.include?.fileVersions ?? false,
      filePermissions: wire.include?.filePermissions ?? false,
    },
  };
}

function selectionToWire(selection: RestoreSelection): MessageInitShape<typeof RestoreSelectionSchema> {
  switch (selection.type) {
    case 'all':
      return {
        selection: {
          case: 'all',
          value: { kinds: selection.kinds.map((kind) => itemKinds.toWire(kind, 'RestoreSelection.all.kinds')) },
        },
      };
    case 'folders':
      return { selection: { case: 'folders', value: { folderIds: selection.folderIds } } };
    case 'items':
      return { selection: { case: 'items', value: { items: selection.items } } };
  }
}

function selectionFromWire({ selection }: WireRestoreSelection): RestoreSelection {
  switch (selection.case) {
    case 'all':
      return {
        type: 'all',
        kinds: selection.value.kinds.map((kind) => itemKinds.fromWire(kind, 'RestoreSelection.all.kinds')),
      };
    case 'folders':
      return {
        type: 'folders',
        folderIds: selection.value.folderIds.map((folderId) => text(folderId, 'RestoreSelection.folders.folder_ids')),
      };
    case 'items':
      return {
        type: 'items',
        items: selection.value.items.map((item) => ({
          folderId: text(item.folderId, 'RestoreSelection.items.folder_id'),
          itemId: text(item.itemId, 'RestoreSelection.items.item_id'),
        })),
      };
    case undefined:
      throw refusedField('wire.missing-field', 'RestoreSelection.selection', 'The restore does not say which items.');
  }
}

function placementToWire(placement: RestorePlacement): MessageInitShape<typeof RestorePlacementSchema> {
  if (placement.type === 'original') return { placement: { case: 'original', value: {} } };
  return { placement: { case: 'newFolder', value: { name: placement.name } } };
}

function placementFromWire({ placement }: WireRestorePlacement): RestorePlacement {
  switch (placement.case) {
    case 'original':
      return { type: 'original' };
    case 'newFolder':
      return { type: 'new-folder', name: text(placement.value.name, 'RestorePlacement.new_folder.name') };
    case undefined:
      throw refusedField('wire.missing-field', 'RestorePlacement.placement', 'The restore does not say where to.');
  }
}
