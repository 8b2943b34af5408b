import { Controller, Post, Res } from '@nestjs/common';
import { BUNDLED_KINDS, exportFiles, zipOf } from '@backhaul/export';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { READING_CODES } from '../api/catalogue/repository-problems.ts';
import type { ApiResponse } from '../api/http.ts';
import { InvalidRequest } from '../api/invalid-request.ts';
import { BodyOf, Operation, PathOf } from '../api/operation.ts';
import { readObject } from '../inventory/protected-object.store.ts';
import { OpenRepositories } from '../repositories/open-repositories.ts';
import { openPoint } from './browse-point.ts';
import { contentDisposition } from './content-disposition.ts';
import { parsePointId, pointId } from './point-id.ts';
import { Selection, selectionErrors } from './selection.ts';
import { sendStream } from './send-content.ts';

const PointPath = z.object({ pointId });

const ExportRequest = z.strictObject({
  selection: Selection,
  perFolder: z
    .array(z.enum(BUNDLED_KINDS, 'must be "mail", "contacts" or "calendar"'))
    .max(BUNDLED_KINDS.length)
    .default([])
    .describe(
      'Kinds of which each folder becomes one file: mail an MBOX, contacts a VCF, a calendar an ICS. Of others each item is a file.',
    ),
  fileVersions: z.boolean().default(false).describe('Older versions of files too, where the point has them.'),
});

/** Taking content away as files. */
@Controller('api/v1')
export class ExportController {
  constructor(
    private readonly database: DataSource,
    private readonly repositories: OpenRepositories,
  ) {}

  @Post('points/:pointId\\:export')
  @Operation({
    id: 'exportPoint',
    summary: 'Export a point, folders or items as a ZIP archive',
    description:
      'The archive is made while it is read, at any size. Its last file, manifest.json, accounts for each item; one that cannot be read is named there and breaks nothing. An archive that ends without it was broken off.',
    role: 'operator',
    answer: { status: 200, mediaType: 'application/zip', description: 'The archive.' },
    problems: [...READING_CODES, 'point.not-found', 'object.not-found'],
  })
  async export(
    @PathOf(PointPath) path: z.output<typeof PointPath>,
    @BodyOf(ExportRequest) { selection, perFolder, fileVersions }: z.output<typeof ExportRequest>,
    @Res() response: ApiResponse,
  ) {
    const ref = parsePointId(path.pointId);
    const point = await openPoint(this.database, this.repositories, ref);
    const errors = await selectionErrors(point, selection);
    if (errors.length > 0) throw new InvalidRequest(errors);
    const { displayName } = await readObject(this.database, ref.objectId);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    response.setHeader('Content-Type', 'application/zip');
    const name = `${displayName} ${point.record.committedAt.slice(0, 10)}.zip`;
    response.setHeader('Content-Disposition', contentDisposition(name));
    await sendStream(response, zipOf(exportFiles(point, { selection, perFolder, fileVersions, signal: gone.signal })));
  }
}
