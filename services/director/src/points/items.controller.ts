import { Controller, Get, Req, Res } from '@nestjs/common';
import { Failure } from '@backhaul/domain';
import { readVersionList } from '@backhaul/engine';
import { fileNameOf, renderItem } from '@backhaul/export';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { READING_CODES } from '../api/catalogue/repository-problems.ts';
import { Cursors, PAGE_QUERY, pageOf } from '../api/cursor.ts';
import type { ApiRequest, ApiResponse } from '../api/http.ts';
import { Operation, PathOf, QueryOf } from '../api/operation.ts';
import { OpenRepositories } from '../repositories/open-repositories.ts';
import { findItem, itemsOf, openPoint } from './browse-point.ts';
import { ItemDetailsView } from './item-details.view.ts';
import { ItemView, itemView } from './item.view.ts';
import { parsePointId, pointId } from './point-id.ts';
import { FoundItemView } from './point.view.ts';
import { attachmentAt } from './preview/item-attachments.ts';
import { previewItem } from './preview/preview-item.ts';
import { MAX_LOOKED_AT, searchPoint } from './search-point.ts';
import { graphId } from './selection.ts';
import { DOWNLOAD_TYPE, sendBytes, sendPart } from './send-content.ts';

const PointPath = z.object({ pointId });
const ItemPath = PointPath.extend({ itemId: graphId });
const AttachmentPath = ItemPath.extend({ index: z.coerce.number().int().min(0).max(1_000_000) });
const VersionPath = ItemPath.extend({ versionId: graphId });

const ItemsQuery = z.strictObject({ ...PAGE_QUERY, folder: graphId.describe('Id of the folder.') });
const ItemQuery = z.strictObject({
  folder: graphId.optional().describe('Id of the folder it lies in; unset: all are looked through.'),
});
const searched = z.string().trim().min(1, 'must not be empty').max(200, 'must have at most 200 characters');
const SearchQuery = z.strictObject({
  ...PAGE_QUERY,
  text: searched.optional().describe('In subjects and names; without regard to case and accents.'),
  person: searched.optional().describe('In senders, organizers and addresses, likewise.'),
  kind: z.enum(['message', 'contact', 'event', 'file']).optional(),
  folder: graphId.optional().describe('Id of a folder; with what is below it.'),
  since: z.iso.datetime().optional().describe('Came, began or was changed then or later.'),
  until: z.iso.datetime().optional().describe('Came, began or was changed before.'),
});

const WHOLE = { status: 200, mediaType: DOWNLOAD_TYPE, description: 'All of it.' };
const RANGE = { status: 206, mediaType: DOWNLOAD_TYPE, description: 'The bytes that the header Range asks for.' };

/** Items of recovery points: users' content, for which one must be an operator. */
@Controller('api/v1/points/:pointId')
export class ItemsController {
  constructor(
    private readonly database: DataSource,
    private readonly repositories: OpenRepositories,
    private readonly cursors: Cursors,
  ) {}

  @Get('items')
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

  @Get('search')
  @Operation({
    id: 'searchItems',
    summary: 'Search the items of a point',
    description: `By what lists show of them; bodies and contents are not searched. A request looks at ${MAX_LOOKED_AT} items at most: a page may be short or empty and still have a nextCursor to go on with.`,
    role: 'operator',
    answer: { status: 200, schema: pageOf(FoundItemView) },
    problems: [...READING_CODES, 'point.not-found', 'folder.not-found'],
  })
  async search(
    @PathOf(PointPath) path: z.output<typeof PointPath>,
    @QueryOf(SearchQuery) { limit, cursor, ...query }: z.output<typeof SearchQuery>,
  ) {
    const { text = null, person = null, kind = null, folder: folderId = null, since = null, until = null } = query;
    const search = { text, person, kind, folderId, since, until };
    const list = JSON.stringify(['search', path.pointId, search]);
    const [folderAt, itemAt] = this.cursors.decode(list, cursor) ?? [];
    const after = folderAt === undefined || itemAt === undefined ? null : { folderId: folderAt, itemId: itemAt };
    const { found, next } = await searchPoint(await this.#open(path.pointId), search, after, { limit });
    return {
      items: found.map(({ item, folder }) => ({ item: itemView(item), folderPath: folder.path })),
      nextCursor: next === null ? null : this.cursors.encode(list, [next.folderId, next.itemId]),
    };
  }

  @Get('items/:itemId')
  @Operation({
    id: 'readItem',
    summary: 'Read one item with its preview data',
    role: 'operator',
    answer: { status: 200, schema: ItemDetailsView },
    problems: [...READING_CODES, 'point.not-found', 'item.not-found'],
  })
  async item(@PathOf(ItemPath) path: z.output<typeof ItemPath>, @QueryOf(ItemQuery) query: z.output<typeof ItemQuery>) {
    const { point, item, folder } = await this.#find(path, query.folder);
    return previewItem(point, item, folder.path);
  }

  @Get('items/:itemId/content')
  @Operation({
    id: 'downloadItem',
    summary: 'Download one item as a file',
    description:
      'A message as EML, byte for byte as it was delivered; a contact as vCard; an event as iCalendar; a file as it is. Messages and files can be read in ranges.',
    role: 'operator',
    answer: WHOLE,
    otherAnswers: [RANGE],
    problems: [...READING_CODES, 'point.not-found', 'item.not-found', 'item.never-read', 'content.range-outside'],
  })
  async content(
    @PathOf(ItemPath) path: z.output<typeof ItemPath>,
    @QueryOf(ItemQuery) query: z.output<typeof ItemQuery>,
    @Req() request: ApiRequest,
    @Res() response: ApiResponse,
  ) {
    const { point, item } = await this.#find(path, query.folder);
    const asStored = item.parts.find(({ name }) => name === (item.kind === 'message' ? 'mime' : 'content'));
    if (asStored !== undefined && (item.kind === 'message' || item.kind === 'file')) {
      return sendPart(point, asStored, fileNameOf(item), { request, response });
    }
    const { content } = await renderItem(point, item, { fileVersions: false });
    sendBytes(response, fileNameOf(item), content as Uint8Array);
  }

  @Get('items/:itemId/attachments/:index')
  @Operation({
    id: 'downloadAttachment',
    summary: 'Download an attachment of a message or an event',
    role: 'operator',
    answer: WHOLE,
    problems: [...READING_CODES, 'point.not-found', 'item.not-found', 'attachment.not-found'],
  })
  async attachment(
    @PathOf(AttachmentPath) path: z.output<typeof AttachmentPath>,
    @QueryOf(ItemQuery) query: z.output<typeof ItemQuery>,
    @Res() response: ApiResponse,
  ) {
    const { point, item } = await this.#find(path, query.folder);
    const { name, content } = await attachmentAt(point, item, path.index);
    sendBytes(response, name, content);
  }

  @Get('items/:itemId/versions/:versionId')
  @Operation({
    id: 'downloadVersion',
    summary: 'Download an older version of a file',
    role: 'operator',
    answer: WHOLE,
    otherAnswers: [RANGE],
    problems: [...READING_CODES, 'point.not-found', 'item.not-found', 'version.not-found', 'content.range-outside'],
  })
  async version(
    @PathOf(VersionPath) path: z.output<typeof VersionPath>,
    @QueryOf(ItemQuery) query: z.output<typeof ItemQuery>,
    @Req() request: ApiRequest,
    @Res() response: ApiResponse,
  ) {
    const { point, item } = await this.#find(path, query.folder);
    const versions = item.kind === 'file' ? ((await readVersionList(item, point)) ?? []) : [];
    const version = versions.find(({ id }) => id === path.versionId);
    const part = item.parts.find(({ name }) => name === version?.part);
    if (part === undefined) throw versionNotFound();
    await sendPart(point, part, fileNameOf(item), { request, response });
  }

  async #find(path: z.output<typeof ItemPath>, folder: string | undefined) {
    const point = await this.#open(path.pointId);
    return { point, ...(await findItem(point, path.itemId, folder ?? null)) };
  }

  #open(id: string) {
    return openPoint(this.database, this.repositories, parsePointId(id));
  }
}

function versionNotFound(): Failure {
  return new Failure('not-found', {
    code: 'version.not-found',
    message: 'The point has no such version of the item.',
    hint: 'Read the item: its preview lists the versions.',
    retry: 'never',
  });
}
