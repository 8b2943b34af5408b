import { Failure } from '@backhaul/domain';
import { joinIds } from './chunk-id.ts';
import type { EntryKey, PartRef, PartToStore } from './entry.ts';
import { isStreamed, nameOf } from './part-to-store.ts';
import type { Piece, Recipe } from './recipe.ts';
import type { SplitPart } from './split-content.ts';

/** A split part as an entry refers to it. */
export function partRef(name: string, split: SplitPart): PartRef {
  return { name, length: split.length, sha256: split.sha256, recipe: recipeOf(split) };
}

function recipeOf({ chunks, rawChunks, attachments, rawAfter }: SplitPart): Recipe {
  const idsOf = (from: number, to: number) => joinIds(chunks.slice(from, to).map((chunk) => chunk.id));
  const pieces: Piece[] = [];
  for (const { rawBefore, from, to, ...attachment } of attachments) {
    if (rawBefore > 0) pieces.push({ rawLength: rawBefore });
    pieces.push({ chunks: idsOf(from, to), ...attachment });
  }
  if (attachments.length > 0 && rawAfter > 0) pieces.push({ rawLength: rawAfter });
  return { chunks: idsOf(0, rawChunks), pieces };
}

/** @throws Failure `invalid-input` for keys and parts that could not be told apart when read back, and for MIME as a stream. */
export function requireStorable(key: EntryKey, parts: PartToStore[]): void {
  if (!key.containerId.isWellFormed() || !key.id.isWellFormed() || key.id === '') {
    throw invalid('id', 'An entry has an empty id, or one that is not well-formed Unicode.');
  }
  if (new Set(parts.map(nameOf)).size !== parts.length) {
    throw invalid('parts', `Two parts of entry ${key.id} have the same name.`);
  }
  const mime = parts.find((part) => isStreamed(part) && part.format === 'mime');
  if (mime !== undefined) {
    throw invalid(
      'parts',
      `Part ${nameOf(mime)} of entry ${key.id} comes as a stream; give MIME as a whole, or as bytes.`,
    );
  }
}

/** @throws Failure `invalid-input` for an item outside any folder: container '' is that of the folders themselves. */
export function requireFolder(key: EntryKey): void {
  if (key.containerId === '') throw invalid('containerId', `Item ${key.id} lies in no folder.`);
}

function invalid(field: string, message: string): Failure {
  return new Failure('invalid-input', { code: 'repository.entry-invalid', message, retry: 'never', where: { field } });
}
