import { Controller, Get, Post, Res } from '@nestjs/common';
import { Secret } from '@backhaul/domain';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { READING_CODES } from '../api/catalogue/repository-problems.ts';
import { Cursors, PAGE_QUERY, pageOf } from '../api/cursor.ts';
import type { ApiResponse } from '../api/http.ts';
import { TheAddRepositoryParts } from '../api/inject.ts';
import { BodyOf, Operation, PathOf, QueryOf } from '../api/operation.ts';
import { attachRepository, createNewRepository, type AddRepositoryParts } from './add-repository.ts';
import { RepositoryChecks } from './repository-checks.ts';
import { repositoryStats } from './repository-stats.ts';
import { listRepositories, readRepository } from './repository.store.ts';
import {
  RepositoryCheckView,
  repositoryCheckView,
  RepositoryCreated,
  repositoryStatsView,
  RepositoryStatsView,
  repositoryView,
  RepositoryView,
} from './repository.view.ts';

const password = z
  .string()
  .min(12, 'must have at least 12 characters')
  .max(1_000, 'must have at most 1,000 characters');

const place = {
  name: z.string().describe('1–255 characters, unique without regard to case.'),
  type: z.literal('disk'),
  folder: z
    .string()
    .min(1, 'must not be empty')
    .describe('Absolute path below a folder of BACKHAUL_REPOSITORY_ROOTS, the same on every host.'),
};

const NewRepositoryRequest = z.strictObject({
  ...place,
  password: password.optional().describe('Unset: one is made and shown once.'),
});
const AttachRequest = z.strictObject({ ...place, password: z.string().min(1).max(1_000) });
const CheckRequest = z.strictObject({
  data: z.boolean().default(false).describe('Read all data and verify every byte, not only structure.'),
});
const ListQuery = z.strictObject(PAGE_QUERY);
const RepositoryPath = z.object({ repositoryId: z.uuid() });
const CheckPath = RepositoryPath.extend({ checkId: z.uuid() });

const PLACE_PROBLEMS = [
  'repository.folder-invalid',
  'repository.folder-not-allowed',
  'repository.not-writable',
  'repository.no-space',
  'repository.name-taken',
  'repository.known-already',
  'repository.foreign',
  'repository.folder-unfit',
  'blob-store.unavailable',
  'name.invalid',
];

/** Where backups lie. */
@Controller('api/v1')
export class RepositoriesController {
  constructor(
    private readonly database: DataSource,
    @TheAddRepositoryParts() private readonly parts: AddRepositoryParts,
    private readonly checks: RepositoryChecks,
    private readonly cursors: Cursors,
  ) {}

  @Get('repositories')
  @Operation({
    id: 'listRepositories',
    summary: 'List repositories by name',
    role: 'viewer',
    answer: { status: 200, schema: pageOf(RepositoryView) },
  })
  async list(@QueryOf(ListQuery) { limit, cursor }: z.output<typeof ListQuery>) {
    const found = await listRepositories(this.database, this.cursors.decode('repositories', cursor), limit);
    const page = this.cursors.page('repositories', limit, found, ({ nameFolded, id }) => [nameFolded, id]);
    return { ...page, items: page.items.map(repositoryView) };
  }

  @Post('repositories')
  @Operation({
    id: 'createRepository',
    summary: 'Make a new repository in an empty folder',
    description:
      'The password itself is not stored. Keep it: with the folder it is enough to restore without this Director.',
    role: 'admin',
    answer: { status: 201, schema: RepositoryCreated },
    idempotent: true,
    location: true,
    secretAnswer: true,
    problems: [...PLACE_PROBLEMS, 'repository.exists', 'repository.not-empty'],
  })
  async create(
    @BodyOf(NewRepositoryRequest) body: z.output<typeof NewRepositoryRequest>,
    @Res({ passthrough: true }) response: ApiResponse,
  ) {
    const given = body.password === undefined ? null : new Secret(body.password);
    const { repository, generatedPassword } = await createNewRepository(this.parts, { ...body, password: given });
    sendLocation(response, repository.id);
    return { ...repositoryView(repository), generatedPassword: generatedPassword?.reveal() ?? null };
  }

  @Post('repositories\\:attach')
  @Operation({
    id: 'attachRepository',
    summary: 'Connect a repository that exists already',
    role: 'admin',
    answer: { status: 201, schema: RepositoryView },
    idempotent: true,
    location: true,
    problems: [
      ...PLACE_PROBLEMS,
      'repository.folder-missing',
      'repository.none',
      'repository.wrong-password',
      'repository.unsupported-format',
      'repository.corrupt',
    ],
  })
  async attach(
    @BodyOf(AttachRequest) body: z.output<typeof AttachRequest>,
    @Res({ passthrough: true }) response: ApiResponse,
  ) {
    const repository = await attachRepository(this.parts, { ...body, password: new Secret(body.password) });
    sendLocation(response, repository.id);
    return repositoryView(repository);
  }

  @Get('repositories/:repositoryId')
  @Operation({
    id: 'readRepository',
    summary: 'Read one repository',
    role: 'viewer',
    answer: { status: 200, schema: RepositoryView },
    problems: ['repository.not-found'],
  })
  async read(@PathOf(RepositoryPath) { repositoryId }: z.output<typeof RepositoryPath>) {
    return repositoryView(await readRepository(this.database, repositoryId));
  }

  @Get('repositories/:repositoryId/stats')
  @Operation({
    id: 'readRepositoryStats',
    summary: 'What a repository holds and how much space there is',
    role: 'viewer',
    answer: { status: 200, schema: RepositoryStatsView },
    problems: ['repository.not-found'],
  })
  async stats(@PathOf(RepositoryPath) { repositoryId }: z.output<typeof RepositoryPath>) {
    const repository = await readRepository(this.database, repositoryId);
    return repositoryStatsView(await repositoryStats(this.database, repository));
  }

  @Post('repositories/:repositoryId\\:check')
  @Operation({
    id: 'startRepositoryCheck',
    summary: 'Check a repository',
    description:
      'The check runs in the background; read its progress and report under its id. Checks are forgotten at a restart.',
    role: 'operator',
    answer: { status: 202, schema: RepositoryCheckView },
    idempotent: true,
    location: true,
    problems: ['repository.not-found', 'repository.check-running', ...READING_CODES],
  })
  async check(
    @PathOf(RepositoryPath) { repositoryId }: z.output<typeof RepositoryPath>,
    @BodyOf(CheckRequest) { data }: z.output<typeof CheckRequest>,
    @Res({ passthrough: true }) response: ApiResponse,
  ) {
    const check = await this.checks.start(repositoryId, data);
    sendLocation(response, `${repositoryId}/checks/${check.id}`);
    return repositoryCheckView(check);
  }

  @Get('repositories/:repositoryId/checks/:checkId')
  @Operation({
    id: 'readRepositoryCheck',
    summary: 'Progress and report of a check',
    role: 'viewer',
    answer: { status: 200, schema: RepositoryCheckView },
    problems: ['repository.check-not-found'],
  })
  readCheck(@PathOf(CheckPath) { repositoryId, checkId }: z.output<typeof CheckPath>) {
    return repositoryCheckView(this.checks.read(repositoryId, checkId));
  }
}

function sendLocation(response: ApiResponse, path: string): void {
  response.setHeader('Location', `/api/v1/repositories/${path}`);
}
