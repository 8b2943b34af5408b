import type { GraphContext } from '../graph/graph-context.ts';
import type { EditResult } from '../protocol/item.ts';

/** How each edit of a part is done, by its name. An edit throws when something that it names is not there. */
export type EditTable<Edit extends { do: string }> = {
  [Name in Edit['do']]: (context: GraphContext, edit: Extract<Edit, { do: Name }>) => EditResult;
};
