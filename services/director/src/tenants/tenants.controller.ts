import { Controller, Get, Patch, Post, Res } from '@nestjs/common';
import { z } from 'zod';
import { MICROSOFT_CODES } from '../api/catalogue/microsoft-problems.ts';
import { Cursors, PAGE_QUERY, pageOf } from '../api/cursor.ts';
import { sendEtag } from '../api/etag.ts';
import type { ApiResponse } from '../api/http.ts';
import { TheTenantParts } from '../api/inject.ts';
import { BodyOf, IfMatch, Operation, PathOf, QueryOf } from '../api/operation.ts';
import { changeTenant, connectTenant, testTenant, type TenantParts } from './connect-tenant.ts';
import { listTenants, readTenant } from './tenant.store.ts';
import { PreflightView, preflightView, tenantView, TenantView } from './tenant.view.ts';

const pem = z.string().min(1, 'must not be empty').max(20_000, 'must have at most 20,000 characters');

const Credential = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('secret'),
    secret: z
      .string()
      .min(1, 'must not be empty')
      .max(1_000, 'must have at most 1,000 characters')
      .describe('The value of the client secret (not its id).'),
  }),
  z.strictObject({
    type: z.literal('certificate'),
    certificate: pem.describe('X.509 certificate in PEM.'),
    privateKey: pem.describe('Its private key in PEM, unencrypted.'),
  }),
]);

const entraId = z.uuid('must be an id such as 8e3f2c1a-…, as the Entra portal shows it');
const endpoint = z.url({ protocol: /^https$/, error: 'must be an https address' }).max(300);

const NewTenantRequest = z.strictObject({
  name: z.string().describe('1–255 characters, unique without regard to case.'),
  directoryId: entraId.describe('Directory (tenant) id.'),
  clientId: entraId.describe('Application (client) id of the app registration.'),
  credential: Credential,
  loginUrl: endpoint
    .default('https://login.microsoftonline.com')
    .describe("Another one for a national cloud; must be Microsoft's or allowed in the host's settings."),
  graphUrl: endpoint.default('https://graph.microsoft.com'),
});

const TenantChangeRequest = z
  .strictObject({ name: z.string().optional(), credential: Credential.optional() })
  .refine((change) => Object.keys(change).length > 0, 'must change something');

const ListQuery = z.strictObject(PAGE_QUERY);
const TenantPath = z.object({ tenantId: z.uuid() });

const TRIAL_PROBLEMS = [
  'tenant.credential-invalid',
  'tenant.endpoint-refused',
  'tenant.other-directory',
  'tenant.permission-missing',
  'tenant.unreachable',
  ...MICROSOFT_CODES,
];
const STORED_CREDENTIAL_PROBLEMS = ['tenant.not-found', 'secret.wrong-key', 'secret.corrupt'];

/** Connections to Microsoft 365 tenants. */
@Controller('api/v1')
export class TenantsController {
  constructor(
    @TheTenantParts() private readonly parts: TenantParts,
    private readonly cursors: Cursors,
  ) {}

  @Get('tenants')
  @Operation({
    id: 'listTenants',
    summary: 'List tenant connections by name',
    role: 'viewer',
    answer: { status: 200, schema: pageOf(TenantView) },
  })
  async list(@QueryOf(ListQuery) { limit, cursor }: z.output<typeof ListQuery>) {
    const found = await listTenants(this.parts.database, this.cursors.decode('tenants', cursor), limit);
    const page = this.cursors.page('tenants', limit, found, (tenant) => [tenant.nameFolded, tenant.id]);
    return { ...page, items: page.items.map(tenantView) };
  }

  @Post('tenants')
  @Operation({
    id: 'connectTenant',
    summary: 'Connect a tenant',
    description:
      'The connection is tried before anything is stored: sign-in, addresses, and the permissions that a backup needs.',
    role: 'admin',
    answer: { status: 201, schema: TenantView },
    idempotent: true,
    etag: true,
    location: true,
    problems: [...TRIAL_PROBLEMS, 'tenant.connected-already', 'tenant.name-taken', 'name.invalid'],
  })
  async connect(
    @BodyOf(NewTenantRequest) body: z.output<typeof NewTenantRequest>,
    @Res({ passthrough: true }) response: ApiResponse,
  ) {
    const tenant = await connectTenant(this.parts, body);
    sendEtag(response, tenant.version);
    response.setHeader('Location', `/api/v1/tenants/${tenant.id}`);
    return tenantView(tenant);
  }

  @Get('tenants/:tenantId')
  @Operation({
    id: 'readTenant',
    summary: 'Read one tenant connection',
    role: 'viewer',
    answer: { status: 200, schema: TenantView },
    etag: true,
    problems: ['tenant.not-found'],
  })
  async read(
    @PathOf(TenantPath) { tenantId }: z.output<typeof TenantPath>,
    @Res({ passthrough: true }) response: ApiResponse,
  ) {
    const tenant = await readTenant(this.parts.database, tenantId);
    sendEtag(response, tenant.version);
    return tenantView(tenant);
  }

  @Patch('tenants/:tenantId')
  @Operation({
    id: 'changeTenant',
    summary: 'Rename a tenant connection or give it a new credential',
    description: 'A new credential is tried first; the old one stays in use unless it works.',
    role: 'admin',
    answer: { status: 200, schema: TenantView },
    etag: true,
    ifMatch: true,
    problems: [...STORED_CREDENTIAL_PROBLEMS, ...TRIAL_PROBLEMS, 'tenant.name-taken', 'name.invalid'],
  })
  async change(
    @PathOf(TenantPath) { tenantId }: z.output<typeof TenantPath>,
    @IfMatch() version: number,
    @BodyOf(TenantChangeRequest) body: z.output<typeof TenantChangeRequest>,
    @Res({ passthrough: true }) response: ApiResponse,
  ) {
    const tenant = await changeTenant(this.parts, tenantId, version, body);
    sendEtag(response, tenant.version);
    return tenantView(tenant);
  }

  @Post('tenants/:tenantId\\:test')
  @Operation({
    id: 'testTenant',
    summary: 'Try the connection and read its permissions',
    role: 'operator',
    answer: { status: 200, schema: PreflightView },
    problems: [...STORED_CREDENTIAL_PROBLEMS, ...TRIAL_PROBLEMS],
  })
  async test(@PathOf(TenantPath) { tenantId }: z.output<typeof TenantPath>) {
    return preflightView((await testTenant(this.parts, tenantId)).preflight);
  }
}
