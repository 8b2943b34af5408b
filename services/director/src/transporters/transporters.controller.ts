import { Controller, Get, Post, Req } from '@nestjs/common';
import { isFailure, Secret } from '@backhaul/domain';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { GuessLimiter } from '../access/guess-limiter.ts';
import { Cursors, PAGE_QUERY, pageOf } from '../api/cursor.ts';
import type { ApiRequest } from '../api/http.ts';
import { TheEnroller } from '../api/inject.ts';
import { BodyOf, Operation, PathOf, QueryOf } from '../api/operation.ts';
import { enrol, type Enroller } from './enrol.ts';
import { createJoinToken } from './join-tokens.ts';
import {
  drainTransporter,
  listTransporters,
  readTransporter,
  revokeTransporter,
  type TransporterView as CoreTransporter,
} from './transporter.store.ts';

const date = z.iso.datetime();

const TransporterView = z
  .object({
    id: z.uuid(),
    name: z.string(),
    state: z
      .enum(['online', 'draining', 'twin', 'offline', 'revoked'])
      .describe('draining: takes nothing new; twin: another living process claims the same id.'),
    enrolledAt: date,
    lastSeenAt: date.nullable(),
    revokedAt: date.nullable(),
    slots: z.int().nullable().describe('Tasks it works on at once, as it said last.'),
    running: z.int().describe('Tasks at work on it.'),
    programVersion: z.string().nullable(),
    twinSeenAt: date.nullable().describe('When the second process with this id was last heard.'),
  })
  .meta({ id: 'Transporter' });

const JoinTokenRequest = z.strictObject({
  minutes: z
    .int()
    .min(1, 'must be from 1 to 1440')
    .max(1440, 'must be from 1 to 1440')
    .default(60)
    .describe('How long it can be used.'),
});

const EnrolRequest = z.strictObject({
  joinToken: z.string().min(1).max(200),
  name: z.string().max(300).describe('1–100 characters, unique without regard to case.'),
  natsPublicKey: z.string().max(100).describe('Public key of the user nkey that the Transporter made (U…).'),
  sealingKey: z
    .strictObject({
      kty: z.enum(['EC', 'OKP']),
      crv: z.string().max(20),
      x: z.string().max(200),
      y: z.string().max(200).optional(),
    })
    .describe('Public JWK for ECDH-ES: EC with P-256, or OKP with X25519.'),
});

const Enrolled = z
  .object({
    transporterId: z.uuid(),
    installation: z.string().describe("The installation's name in all NATS subjects."),
    natsCredentialsJwt: z.string().describe("User JWT bound to the Transporter's own nkey."),
    directorPublicKey: z.record(z.string(), z.unknown()).describe('JWK that verifies the signature of offers.'),
  })
  .meta({ id: 'Enrolment' });

const ListQuery = z.strictObject(PAGE_QUERY);
const TransporterPath = z.object({ transporterId: z.uuid() });

/** The hosts that move data. */
@Controller('api/v1')
export class TransportersController {
  constructor(
    private readonly database: DataSource,
    @TheEnroller() private readonly enroller: Enroller,
    private readonly limiter: GuessLimiter,
    private readonly cursors: Cursors,
  ) {}

  @Get('transporters')
  @Operation({
    id: 'listTransporters',
    summary: 'List Transporters by name',
    role: 'viewer',
    answer: { status: 200, schema: pageOf(TransporterView) },
  })
  async list(@QueryOf(ListQuery) { limit, cursor }: z.output<typeof ListQuery>) {
    const found = await listTransporters(this.database, this.cursors.decode('transporters', cursor), limit);
    const page = this.cursors.page('transporters', limit, found, (one) => [one.nameFolded, one.transporterId]);
    return { ...page, items: page.items.map(transporterView) };
  }

  @Post('transporters/join-tokens')
  @Operation({
    id: 'createJoinToken',
    summary: 'Make a token with which one Transporter may join',
    description: 'The token is shown this once and works once.',
    role: 'admin',
    answer: { status: 201, schema: z.object({ joinToken: z.string(), expiresAt: date }) },
    idempotent: true,
    secretAnswer: true,
  })
  async joinToken(@BodyOf(JoinTokenRequest) { minutes }: z.output<typeof JoinTokenRequest>) {
    const { token, expiresAt } = await createJoinToken(this.database, { validForMs: minutes * 60_000 });
    return { joinToken: token.reveal(), expiresAt: expiresAt.toISOString() };
  }

  @Post('transporters\\:enrol')
  @Operation({
    id: 'enrolTransporter',
    summary: 'Join as a Transporter',
    description: 'Called by a Transporter at its first start; the join token is its credential.',
    role: 'public',
    answer: { status: 201, schema: Enrolled },
    secretAnswer: true,
    problems: ['join-token.invalid', 'transporter.invalid', 'transporter.enrolled-already', 'access.too-many-failures'],
  })
  async enrol(@BodyOf(EnrolRequest) body: z.output<typeof EnrolRequest>, @Req() request: ApiRequest) {
    const address = request.ip ?? '';
    this.limiter.check(address);
    const { joinToken, sealingKey, ...rest } = body;
    try {
      return await enrol(this.database, this.enroller, { ...rest, sealingKey, joinToken: new Secret(joinToken) });
    } catch (error) {
      if (isFailure(error, 'unauthenticated')) this.limiter.failed(address);
      throw error;
    }
  }

  @Get('transporters/:transporterId')
  @Operation({
    id: 'readTransporter',
    summary: 'Read one Transporter',
    role: 'viewer',
    answer: { status: 200, schema: TransporterView },
    problems: ['transporter.not-found'],
  })
  async read(@PathOf(TransporterPath) { transporterId }: z.output<typeof TransporterPath>) {
    return transporterView(await readTransporter(this.database, transporterId));
  }

  @Post('transporters/:transporterId\\:drain')
  @Operation({
    id: 'drainTransporter',
    summary: 'Let a Transporter take nothing new',
    description: 'Its running tasks stop at a safe point and go on elsewhere.',
    role: 'operator',
    answer: { status: 200, schema: TransporterView },
    problems: ['transporter.not-found'],
  })
  drain(@PathOf(TransporterPath) { transporterId }: z.output<typeof TransporterPath>) {
    return this.#setDraining(transporterId, true);
  }

  @Post('transporters/:transporterId\\:resume')
  @Operation({
    id: 'resumeTransporter',
    summary: 'Let a drained Transporter work again',
    role: 'operator',
    answer: { status: 200, schema: TransporterView },
    problems: ['transporter.not-found'],
  })
  resume(@PathOf(TransporterPath) { transporterId }: z.output<typeof TransporterPath>) {
    return this.#setDraining(transporterId, false);
  }

  @Post('transporters/:transporterId\\:revoke')
  @Operation({
    id: 'revokeTransporter',
    summary: 'Take a Transporter out for good',
    description: 'It gets no more offers, tokens or keys, and its results are refused. To come back it joins anew.',
    role: 'admin',
    answer: { status: 200, schema: TransporterView },
    problems: ['transporter.not-found'],
  })
  async revoke(@PathOf(TransporterPath) { transporterId }: z.output<typeof TransporterPath>) {
    await revokeTransporter(this.database, transporterId);
    return transporterView(await readTransporter(this.database, transporterId));
  }

  async #setDraining(transporterId: string, draining: boolean) {
    await drainTransporter(this.database, transporterId, draining);
    return transporterView(await readTransporter(this.database, transporterId));
  }
}

function transporterView({ transporterId, twin, ...transporter }: CoreTransporter): z.input<typeof TransporterView> {
  return {
    id: transporterId,
    ...transporter,
    enrolledAt: transporter.enrolledAt.toISOString(),
    lastSeenAt: transporter.lastSeenAt?.toISOString() ?? null,
    revokedAt: transporter.revokedAt?.toISOString() ?? null,
    twinSeenAt: twin?.seenAt.toISOString() ?? null,
  };
}
