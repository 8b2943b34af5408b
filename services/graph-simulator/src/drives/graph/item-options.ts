import type { GraphContext } from '../../graph/graph-context.ts';
import type { Query } from '../../http/graph-request.ts';
import { permissionsOf } from '../state/permissions.ts';
import { itemJson, plainView, type ItemView } from './item-json.ts';
import type { OpenItem } from './open-drive.ts';
import { permissionJson } from './permission-json.ts';
import { versionsJson } from './version-json.ts';

const MOST_EXPANDED = 200;
/** Kept whatever `$select` names: without them an entry could be misread. */
const ALWAYS = ['id', 'deleted'];
const DOWNLOAD_URL = '@microsoft.graph.downloadurl';

/** What `$select` and `$expand` ask of items; what drives do not know is ignored, as they do. */
export interface ItemOptions {
  /** Names in lower case; null: everything. */
  select: string[] | null;
  expand: string;
}

export function readItemOptions(query: Query): ItemOptions {
  const select = query.list('select')?.map((name) => name.toLowerCase()) ?? null;
  return { select, expand: query.get('expand') ?? '' };
}

/** An item as the options ask for it. */
export function renderItem(
  context: GraphContext,
  item: OpenItem,
  options: ItemOptions,
  view: ItemView,
): Record<string, unknown> {
  const json = itemJson(context, item, item.key, item.state, view);
  return { ...selectItem(json, options), ...expandItem(context, item, options, view.app) };
}

/** The address of the content can be asked for under two names. */
function selectItem(json: Record<string, unknown>, { select }: ItemOptions): Record<string, unknown> {
  if (select === null) return json;
  const wanted = new Set([...select, ...ALWAYS]);
  if (wanted.has('content.downloadurl')) wanted.add(DOWNLOAD_URL);
  return Object.fromEntries(
    Object.entries(json).filter(([name]) => {
      const lower = name.toLowerCase();
      return wanted.has(lower) || lower.startsWith('@odata');
    }),
  );
}

/** What is expanded, to be added to an item. */
function expandItem(
  context: GraphContext,
  item: OpenItem,
  { expand }: ItemOptions,
  app: string,
): Record<string, unknown> {
  const expanded: Record<string, unknown> = {};
  const asks = (name: string): boolean => new RegExp(`(^|,)\\s*${name}\\b`, 'i').test(expand);
  if (asks('children') && item.state.type !== 'file') {
    const shown = item.drive.children(item.key).slice(0, MOST_EXPANDED);
    expanded['children'] = shown.map((key) => itemJson(context, item, key, item.drive.item(key)!, plainView(app)));
  }
  if (asks('permissions')) {
    const all = permissionsOf(item.drive, item.key);
    expanded['permissions'] = all.map((permission) => permissionJson(context, item, item.key, permission));
  }
  if (asks('versions') && item.state.type === 'file') expanded['versions'] = versionsJson(context, item, app);
  return expanded;
}
