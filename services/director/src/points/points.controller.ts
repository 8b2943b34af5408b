import { Controller, Get, Res } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { READING_CODES } from '../api/catalogue/repository-problems.ts';
import { Cursors, PAGE_QUERY, pageOf } from '../api/cursor.ts';
import type { ApiResponse } from '../api/http.ts';
import { Operation, PathOf, QueryOf } from '../api/operation.ts';
import { readObject } from '../inventory/protected-object.store.ts';
import { OpenRepositories } from '../repositories/open-repositories.ts';
import { findItem, foldersOf, itemsOf, mimeOf, openPoint, previewOf } from './browse-point.ts';
import { contentDisposition } from './content-disposition.ts';
import { parsePointId, pointId } from './point-id.ts';
import { listPoints, readPoint } from './point.store.ts';
import {
  FolderView,
  folderView,
  ItemDetailsView,
  itemDetailsView,
  ItemView,
  itemView,
  PointView,
  pointView,
} from './point.view.ts';

const graphId = z.string().min(1).max(1_000);

const ObjectPath = z.object({ objectId: z.uuid() });
const PointPath = z.object({ pointId });
const ItemPath = PointPath.extend({ itemId: graphId });

const PointsQuery = z.strictObject({ ...PAGE_QUERY, jobId: z.uuid().optional() });
const ItemsQuery = z.strictObject({ ...PAGE_QUERY, folder: graphId.describe('Id of the folder.') });
const ItemQuery = z.strictObject({
  folder: graphId.optional().describe('Id of the folder it lies in; unset: all are looked through.'),
});

/** What can be restored: recovery points, their folders and items. Reading users' content needs the role operator. */
@Controller('api/v1')
export class PointsController {
  constructor(
    private readonly database: DataSource,
    private readonly repositories: OpenRepositories,
    private readonly cursors: Cursors,
  ) {}

  @Get('objects/:objectId/points')
  @Operation({
    id: 'listPoints',
    summary: 'List the recovery points of an object, newest first',
    role: 'viewer',
    answer: { status: 200, schema: pageOf(PointView) },
    problems: ['object.not-found'],
  })
  async list(
    @PathOf(ObjectPath) { objectId }: z.output<typeof ObjectPath>,
    @QueryOf(PointsQuery) query: z.output<typeof PointsQuery>,
  ) {
    await readObject(this.database, objectId);
    const { limit, cursor, jobId = null } = query;
    const list = JSON.stringify(['points', objectId, jobId]);
    const after = this.cursors.decode(list, cursor);
    const found = await listPoints(this.database, { objectId, jobId, after, limit });
    const page = this.cursors.page(list, limit, found, (point) => [
      point.createdAtText,
      point.jobId,
      String(point.sequence),
    ]);
    return { ...page, items: page.items.map(pointView) };
  }

  @Get('points/:pointId')
  @Operation({
    id: 'readPoint',
    summary: 'Read one recovery point',
    role: 'viewer',
    answer: { status: 200, schema: PointView },
    problems: ['point.not-found'],
  })
  async read(@PathOf(PointPath) path: z.output<typeof PointPath>) {
    return pointView(await readPoint(this.database, parsePointId(path.pointId)));
  }

  @Get('points/:pointId/folders')
  @Operation({
    id: 'listFolders',
    summary: 'All folders of a point, by path',
    role: 'operator',
    answer: { status: 200, schema: z.object({ items: z.array(FolderView) }) },
    problems: [...READING_CODES, 'point.not-found'],
  })
  async folders(@PathOf(PointPath) path: z.output<typeof PointPath>) {
    return { items: (await foldersOf(await this.#open(path.pointId))).map(folderView) };
  }

  @Get('points/:pointId/items')
  @Operation({
    id: 'listItems',
    summary: 'List the items of a folder of a point',
    role: 'operator',
    answer: { status: 200, schema: pageOf(ItemView) },
    problems: [...READING_CODES, 'point.not-found', 'folder.not-found'],
  })
  async items(
    @PathOf(PointPath) path: z.output<typeof PointPath>,
    @QueryOf(ItemsQuery) { limit, cursor, folder }: z.output<typeof ItemsQuery>,
  ) {
    const list = JSON.stringify(['items', path.pointId, folder]);
    const [after = null] = this.cursors.decode(list, cursor) ?? [];
    const found = await itemsOf(await this.#open(path.pointId), folder, after, limit);
    const page = this.cursors.page(list, limit, found, (item) => [item.id]);
    return { ...page, items: page.items.map(itemView) };
  }

  @Get('points/:pointId/items/:itemId')
  @Operation({
    id: 'readItem',
    summary: 'Read one item with its preview data',
    role: 'operator',
    answer: { status: 200, schema: ItemDetailsView },
    problems: [...READING_CODES, 'point.not-found', 'item.not-found'],
  })
  async item(@PathOf(ItemPath) path: z.output<typeof ItemPath>, @QueryOf(ItemQuery) query: z.output<typeof ItemQuery>) {
    const point = await this.#open(path.pointId);
    const { item, folder } = await findItem(point, path.itemId, query.folder ?? null);
    return itemDetailsView(item, folder.path, await previewOf(point, item, folder.path));
  }

  @Get('points/:pointId/items/:itemId/content')
  @Operation({
    id: 'downloadItem',
    summary: 'Download one item as it was delivered',
    role: 'operator',
    answer: { status: 200, mediaType: 'message/rfc822', description: 'The MIME stream, byte for byte.' },
    problems: [...READING_CODES, 'point.not-found', 'item.not-found', 'item.no-mime'],
  })
  async content(
    @PathOf(ItemPath) path: z.output<typeof ItemPath>,
    @QueryOf(ItemQuery) query: z.output<typeof ItemQuery>,
    @Res() response: ApiResponse,
  ) {
    const point = await this.#open(path.pointId);
    const { item } = await findItem(point, path.itemId, query.folder ?? null);
    const mime = await mimeOf(point, item);
    response.setHeader('Content-Type', 'message/rfc822');
    response.setHeader('Content-Disposition', contentDisposition(`${item.subject || 'message'}.eml`));
    response.setHeader('Content-Length', mime.byteLength);
    response.end(mime);
  }

  #open(id: string) {
    return openPoint(this.database, this.repositories, parsePointId(id));
  }
}
