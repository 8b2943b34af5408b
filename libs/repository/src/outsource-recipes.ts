import { joinIds, type ChunkId } from './chunk-id.ts';
import type { PartRef } from './entry.ts';
import { encodeRecipe, type Recipe } from './recipe.ts';

/** Bytes of recipes within an item's entry. */
const MAX_RECIPE_BYTES = 16 * 1024;

/** Keeps entries small: recipes beyond an item's allowance go into chunks of their own, by `put`. */
export function outsourceRecipes(parts: PartRef[], put: (recipe: Buffer) => ChunkId[]): PartRef[] {
  let left = MAX_RECIPE_BYTES;
  return parts.map((part) => {
    const recipe = encodeRecipe(part.recipe as Recipe);
    if (recipe.length > left) return { ...part, recipe: { recipeChunks: joinIds(put(recipe)) } };
    left -= recipe.length;
    return part;
  });
}
