import { eachId, ID_LENGTH, type ChunkId } from './chunk-id.ts';
import { FieldWriter, readFields } from './wire-format.ts';

/**
 * How a part's bytes are put together (FORMAT.md 9). In memory ids are kept as base64 of ids joined, so that a recipe is
 * plain JSON wherever it travels.
 */
export interface Recipe {
  /** Ids of the raw stream's chunks. */
  chunks: string;
  /** Empty: the part is the raw stream. */
  pieces: Piece[];
}

/** What a part's `recipe` is inside the repository: the recipe, or where a long one lies. */
export type PartRecipe = Recipe | RecipeElsewhere;

/** Base64 of the ids of the chunks that hold a long recipe. */
export interface RecipeElsewhere {
  recipeChunks: string;
}

export type Piece = RawPiece | Base64Piece;

/** That many next bytes of the raw stream. */
export interface RawPiece {
  rawLength: number;
}

/** An attachment that was stored decoded. */
export interface Base64Piece {
  chunks: string;
  decodedLength: number;
  /** Characters per line. */
  lineLength: number;
  /** Lines end with LF instead of CRLF. */
  lf: boolean;
  endsWithEol: boolean;
}

export function isRaw(piece: Piece): piece is RawPiece {
  return 'rawLength' in piece;
}

export function isElsewhere(recipe: PartRecipe): recipe is RecipeElsewhere {
  return 'recipeChunks' in recipe;
}

export function encodeRecipe(recipe: Recipe): Buffer {
  const writer = new FieldWriter();
  writer.bytes(1, Buffer.from(recipe.chunks, 'base64'));
  for (const piece of recipe.pieces) writer.message(2, encodePiece(piece));
  return writer.finish();
}

/** @throws RangeError when the bytes are no recipe. */
export function decodeRecipe(bytes: Buffer): Recipe {
  const recipe: Recipe = { chunks: '', pieces: [] };
  for (const { field, bytes: value } of readFields(bytes)) {
    if (field === 1) recipe.chunks = ids(value);
    else if (field === 2) recipe.pieces.push(decodePiece(value));
  }
  return recipe;
}

/** Every chunk a recipe needs, in the order of its bytes. */
export function* recipeIds(recipe: Recipe): Generator<ChunkId> {
  yield* eachId(recipe.chunks);
  for (const piece of recipe.pieces) if (!isRaw(piece)) yield* eachId(piece.chunks);
}

function encodePiece(piece: Piece): Buffer {
  const writer = new FieldWriter(64);
  if (isRaw(piece)) {
    writer.number(1, piece.rawLength);
  } else {
    writer.bytes(2, Buffer.from(piece.chunks, 'base64'));
    writer.number(3, piece.decodedLength);
    writer.number(4, piece.lineLength);
    writer.bool(5, piece.lf);
    writer.bool(6, piece.endsWithEol);
  }
  return writer.finish();
}

function decodePiece(bytes: Buffer): Piece {
  let rawLength = 0;
  const piece: Base64Piece = { chunks: '', decodedLength: 0, lineLength: 0, lf: false, endsWithEol: false };
  for (const { field, number, bytes: value } of readFields(bytes)) {
    if (field === 1) rawLength = number;
    else if (field === 2) piece.chunks = ids(value);
    else if (field === 3) piece.decodedLength = number;
    else if (field === 4) piece.lineLength = number;
    else if (field === 5) piece.lf = number !== 0;
    else if (field === 6) piece.endsWithEol = number !== 0;
  }
  if (rawLength > 0) return { rawLength };
  if (piece.lineLength === 0 || piece.lineLength % 4 !== 0) throw new RangeError('a piece has no line length');
  return piece;
}

function ids(value: Buffer): string {
  if (value.length % ID_LENGTH !== 0) throw new RangeError('chunk ids have not their length');
  return value.toString('base64');
}
