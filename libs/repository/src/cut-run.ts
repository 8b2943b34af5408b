import type { ContainerChanges } from './tree-node.ts';

/** So many changes go into one chunk of a run: about 100 KB, and never near the limit of a chunk. */
const CHANGES_PER_CHUNK = 200;

/** Cuts changes into pieces that are applied one after the other with the same result. */
export function cutRun(changes: ContainerChanges[], perChunk = CHANGES_PER_CHUNK): ContainerChanges[][] {
  const pieces: ContainerChanges[][] = [];
  let piece: ContainerChanges[] = [];
  let count = 0;
  for (const change of changes) {
    for (const part of slices(change, perChunk)) {
      const size = part.entries.length + part.removed.length + 1;
      if (count + size > perChunk + 1 && piece.length > 0) {
        pieces.push(piece);
        [piece, count] = [[], 0];
      }
      piece.push(part);
      count += size;
    }
  }
  if (piece.length > 0) pieces.push(piece);
  return pieces;
}

/** A container's changes in slices; only the first clears it. */
function* slices(change: ContainerChanges, size: number): Generator<ContainerChanges> {
  const { containerId, cleared, entries, removed } = change;
  const all = Math.max(1, Math.ceil(entries.length / size), Math.ceil(removed.length / size));
  for (let index = 0; index < all; index += 1) {
    yield {
      containerId,
      cleared: cleared && index === 0,
      entries: entries.slice(index * size, (index + 1) * size),
      removed: removed.slice(index * size, (index + 1) * size),
    };
  }
}
