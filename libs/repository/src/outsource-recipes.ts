import { joinIds, type ChunkId } from './chunk-id.ts';
import type { PartRef } from './entry.ts';
import { encodeRecipe, isElsewhere, type PartRecipe } from './recipe.ts';

/** Bytes of recipes within an entry. */
const MAX_RECIPE_BYTES = 16 * 1024;

/** Keeps entries small: recipes beyond an entry's allowance go into chunks of their own, by `put`; those that did stay there. */
export function outsourceRecipes(parts: PartRef[], put: (recipe: Buffer) => ChunkId[]): PartRef[] {
  let left = MAX_RECIPE_BYTES;
  return parts.map((part) => {
    const recipe = part.recipe as PartRecipe;
    if (isElsewhere(recipe)) return part;
    const encoded = encodeRecipe(recipe);
    if (encoded.length > left) return { ...part, recipe: { recipeChunks: joinIds(put(encoded)) } };
    left -= encoded.length;
    return part;
  });
}
