import { Controller, Delete, Get, Post, Res } from '@nestjs/common';
import type { Clock } from '@backhaul/domain';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { Cursors, PAGE_QUERY, pageOf } from '../api/cursor.ts';
import { sendEtag } from '../api/etag.ts';
import type { ApiResponse } from '../api/http.ts';
import { TheClock } from '../api/inject.ts';
import { BodyOf, IfMatch, Operation, PathOf, QueryOf } from '../api/operation.ts';
import { listApiTokens, readApiToken, versionOf } from './api-token.store.ts';
import { ApiTokenCreated, apiTokenView, ApiTokenView, tokenName } from './api-token.view.ts';
import { createApiToken, MAX_TOKEN_DAYS } from './create-api-token.ts';
import { revokeApiToken } from './revoke-api-token.ts';
import { ROLES } from './role.ts';

const NewTokenRequest = z.strictObject({
  name: tokenName,
  role: z.enum(ROLES),
  days: z
    .int()
    .min(1, `must be from 1 to ${MAX_TOKEN_DAYS}`)
    .max(MAX_TOKEN_DAYS, `must be from 1 to ${MAX_TOKEN_DAYS}`)
    .default(90)
    .describe('Days until it expires.'),
});

const ListQuery = z.strictObject(PAGE_QUERY);
const TokenPath = z.object({ tokenId: z.uuid() });

/** Who may call the API. */
@Controller('api/v1')
export class ApiTokensController {
  constructor(
    private readonly database: DataSource,
    @TheClock() private readonly clock: Clock,
    private readonly cursors: Cursors,
  ) {}

  @Get('tokens')
  @Operation({
    id: 'listTokens',
    summary: 'List API tokens, newest first',
    role: 'admin',
    answer: { status: 200, schema: pageOf(ApiTokenView) },
  })
  async list(@QueryOf(ListQuery) { limit, cursor }: z.output<typeof ListQuery>) {
    const found = await listApiTokens(this.database, this.cursors.decode('tokens', cursor), limit);
    const page = this.cursors.page('tokens', limit, found, (token) => [token.createdAtText, token.id]);
    return { ...page, items: page.items.map(apiTokenView) };
  }

  @Post('tokens')
  @Operation({
    id: 'createToken',
    summary: 'Make an API token',
    description: 'The token is shown this once; only its hash is stored.',
    role: 'admin',
    answer: { status: 201, schema: ApiTokenCreated },
    idempotent: true,
    etag: true,
    location: true,
    secretAnswer: true,
  })
  async create(
    @BodyOf(NewTokenRequest) body: z.output<typeof NewTokenRequest>,
    @Res({ passthrough: true }) response: ApiResponse,
  ) {
    const { token, record } = await createApiToken(this.database, this.clock, body);
    sendEtag(response, versionOf(record));
    response.setHeader('Location', `/api/v1/tokens/${record.id}`);
    return { ...apiTokenView(record), token: token.reveal() };
  }

  @Get('tokens/:tokenId')
  @Operation({
    id: 'readToken',
    summary: 'Read what is known of one API token',
    role: 'admin',
    answer: { status: 200, schema: ApiTokenView },
    etag: true,
    problems: ['token.not-found'],
  })
  async read(
    @PathOf(TokenPath) { tokenId }: z.output<typeof TokenPath>,
    @Res({ passthrough: true }) response: ApiResponse,
  ) {
    const token = await readApiToken(this.database, tokenId);
    sendEtag(response, versionOf(token));
    return apiTokenView(token);
  }

  @Delete('tokens/:tokenId')
  @Operation({
    id: 'revokeToken',
    summary: 'Revoke an API token',
    description: 'It ends at once, and with it every stream of events that was opened with it.',
    role: 'admin',
    answer: { status: 200, schema: ApiTokenView },
    etag: true,
    ifMatch: true,
    problems: ['token.not-found', 'token.last-admin'],
  })
  async revoke(
    @PathOf(TokenPath) { tokenId }: z.output<typeof TokenPath>,
    @IfMatch() version: number,
    @Res({ passthrough: true }) response: ApiResponse,
  ) {
    const token = await revokeApiToken(this.database, this.clock, tokenId, version);
    sendEtag(response, versionOf(token));
    return apiTokenView(token);
  }
}
