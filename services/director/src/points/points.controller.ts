import { Controller, Get } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { READING_CODES } from '../api/catalogue/repository-problems.ts';
import { Cursors, PAGE_QUERY, pageOf } from '../api/cursor.ts';
import { InvalidRequest } from '../api/invalid-request.ts';
import { Operation, PathOf, QueryOf } from '../api/operation.ts';
import { readObject } from '../inventory/protected-object.store.ts';
import { OpenRepositories } from '../repositories/open-repositories.ts';
import { foldersOf, openPoint } from './browse-point.ts';
import { ChangeSide, changeView, countChanges } from './change.view.ts';
import { CHANGE_TYPES, comparePoints, RecentComparisons } from './compare-points.ts';
import { parsePointId, pointId, type PointRef } from './point-id.ts';
import { listPoints, readPoint } from './point.store.ts';
import { ComparisonView, FolderView, folderView, PointView, pointView } from './point.view.ts';

const ObjectPath = z.object({ objectId: z.uuid() });
const PointPath = z.object({ pointId });

const PointsQuery = z.strictObject({ ...PAGE_QUERY, jobId: z.uuid().optional() });
const ComparisonQuery = z.strictObject({
  ...PAGE_QUERY,
  since: pointId.describe('Id of an older point of the same job and object.'),
  type: z.enum(CHANGE_TYPES).optional().describe('Only changes of this type.'),
});

/** What can be restored: recovery points, their folders, and what changed between two. */
@Controller('api/v1')
export class PointsController {
  readonly #comparisons = new RecentComparisons();

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
    description: 'Mail folders, contact folders, calendars and folders of a drive.',
    role: 'operator',
    answer: { status: 200, schema: z.object({ items: z.array(FolderView) }) },
    problems: [...READING_CODES, 'point.not-found'],
  })
  async folders(@PathOf(PointPath) path: z.output<typeof PointPath>) {
    return { items: (await foldersOf(await this.#open(parsePointId(path.pointId)))).map(folderView) };
  }

  @Get('points/:pointId/changes')
  @Operation({
    id: 'comparePoints',
    summary: 'What changed since an older point of the same chain',
    role: 'operator',
    answer: { status: 200, schema: ComparisonView },
    problems: [...READING_CODES, 'point.not-found', 'comparison.too-many-changes'],
  })
  async changes(
    @PathOf(PointPath) path: z.output<typeof PointPath>,
    @QueryOf(ComparisonQuery) query: z.output<typeof ComparisonQuery>,
  ) {
    const { limit, cursor, type = null } = query;
    const [newerRef, olderRef] = [parsePointId(path.pointId), olderOf(path.pointId, query.since)];
    const list = JSON.stringify(['changes', path.pointId, query.since, type]);
    const [position = '0'] = this.cursors.decode(list, cursor) ?? [];
    const [older, newer] = await Promise.all([this.#open(olderRef), this.#open(newerRef)]);
    const { changes } = await this.#comparisons.get(`${path.pointId} ${query.since}`, () =>
      comparePoints(older, newer),
    );
    const listed = type === null ? changes : changes.filter((change) => change.type === type);
    const [first, end] = [Number(position), Number(position) + limit];
    const [before, after] = await Promise.all([ChangeSide.of(older), ChangeSide.of(newer)]);
    return {
      counts: countChanges(changes),
      items: await Promise.all(listed.slice(first, end).map((change) => changeView(change, before, after))),
      nextCursor: end < listed.length ? this.cursors.encode(list, [String(end)]) : null,
    };
  }

  #open(ref: PointRef) {
    return openPoint(this.database, this.repositories, ref);
  }
}

/** @throws InvalidRequest for a point of another chain, or one that is not older. */
function olderOf(newerId: string, olderId: string): PointRef {
  const [newer, older] = [parsePointId(newerId), parsePointId(olderId)];
  if (newer.jobId === older.jobId && newer.objectId === older.objectId && older.sequence < newer.sequence) return older;
  const message = 'must be an older point of the same job and object. Choose one from the list of points.';
  throw new InvalidRequest([{ pointer: '?since', code: 'point-not-comparable', message }]);
}
