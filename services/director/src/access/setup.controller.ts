import { Controller, Post, Req } from '@nestjs/common';
import type { Clock } from '@backhaul/domain';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import type { ApiRequest } from '../api/http.ts';
import { BodyOf, Operation } from '../api/operation.ts';
import { TheClock } from '../api/inject.ts';
import { tokenName, ApiTokenCreated, apiTokenView } from './api-token.view.ts';
import { GuessLimiter } from './guess-limiter.ts';
import { redeemSetupToken } from './setup-token.ts';

const SetupRequest = z.strictObject({
  setupToken: z.string().min(1).max(200).describe('The one-time token that the Director printed at its first start.'),
  name: tokenName.default('first administrator'),
});

/** Makes the first administrator. */
@Controller('api/v1')
export class SetupController {
  constructor(
    private readonly database: DataSource,
    @TheClock() private readonly clock: Clock,
    private readonly limiter: GuessLimiter,
  ) {}

  @Post('setup')
  @Operation({
    id: 'setUp',
    summary: 'Redeem the set-up token for the first API token',
    description: 'The set-up token works once and for 60 minutes. The API token is shown this once.',
    role: 'public',
    answer: { status: 201, schema: ApiTokenCreated },
    secretAnswer: true,
    problems: ['setup.token-refused', 'access.too-many-failures'],
  })
  async setUp(@BodyOf(SetupRequest) body: z.output<typeof SetupRequest>, @Req() request: ApiRequest) {
    const address = request.ip ?? '';
    this.limiter.check(address);
    try {
      const { token, record } = await redeemSetupToken(this.database, this.clock, body);
      this.limiter.succeeded(address);
      return { ...apiTokenView(record), token: token.reveal() };
    } catch (error) {
      this.limiter.failed(address);
      throw error;
    }
  }
}
