import { Controller, Delete, Get, Post } from '@nestjs/common';
import type { Clock } from '@backhaul/domain';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { TheClock } from '../api/inject.ts';
import { BodyOf, Operation, PathOf } from '../api/operation.ts';
import { listApiTokens } from './api-token.store.ts';
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

const TokenPath = z.object({ tokenId: z.uuid() });

/** Who may call the API. */
@Controller('api/v1')
export class ApiTokensController {
  constructor(
    private readonly database: DataSource,
    @TheClock() private readonly clock: Clock,
  ) {}

  @Get('tokens')
  @Operation({
    id: 'listTokens',
    summary: 'List API tokens, newest first',
    role: 'admin',
    answer: { status: 200, schema: z.object({ items: z.array(ApiTokenView) }) },
  })
  async list() {
    return { items: (await listApiTokens(this.database)).map(apiTokenView) };
  }

  @Post('tokens')
  @Operation({
    id: 'createToken',
    summary: 'Make an API token',
    description: 'The token is shown this once; only its hash is stored.',
    role: 'admin',
    answer: { status: 201, schema: ApiTokenCreated },
    secretAnswer: true,
  })
  async create(@BodyOf(NewTokenRequest) body: z.output<typeof NewTokenRequest>) {
    const { token, record } = await createApiToken(this.database, this.clock, body);
    return { ...apiTokenView(record), token: token.reveal() };
  }

  @Delete('tokens/:tokenId')
  @Operation({
    id: 'revokeToken',
    summary: 'Revoke an API token',
    role: 'admin',
    answer: { status: 200, schema: ApiTokenView },
    problems: ['token.not-found', 'token.last-admin'],
  })
  async revoke(@PathOf(TokenPath) { tokenId }: z.output<typeof TokenPath>) {
    return apiTokenView(await revokeApiToken(this.database, this.clock, tokenId));
  }
}
