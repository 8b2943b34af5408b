import { Controller, Get, Post } from '@nestjs/common';
import { OBJECT_KINDS } from '@backhaul/domain';
import { z } from 'zod';
import { MICROSOFT_CODES } from '../api/catalogue/microsoft-problems.ts';
import { Cursors, PAGE_QUERY, pageOf } from '../api/cursor.ts';
import { TheTenantParts } from '../api/inject.ts';
import { Operation, PathOf, QueryOf } from '../api/operation.ts';
import type { TenantParts } from '../tenants/connect-tenant.ts';
import { readTenant } from '../tenants/tenant.store.ts';
import { ObjectView, objectView } from './object.view.ts';
import { listObjects, readObject } from './protected-object.store.ts';
import { refreshInventory } from './refresh-inventory.ts';

const TenantPath = z.object({ tenantId: z.uuid() });
const ObjectPath = z.object({ objectId: z.uuid() });

const InventoryQuery = z.strictObject({
  ...PAGE_QUERY,
  kind: z.enum(OBJECT_KINDS).optional(),
  search: z.string().min(1).max(200).optional().describe('Part of name or address, without regard to case.'),
  gone: z.enum(['true', 'false']).default('false').describe('Include what the tenant no longer shows.'),
});

const Refreshed = z.object({
  kinds: z.array(
    z.object({
      kind: z.enum(OBJECT_KINDS),
      seen: z.int(),
      gone: z.int().describe('Newly no longer shown by the tenant.'),
      failure: z
        .object({ code: z.string(), message: z.string(), hint: z.string().optional() })
        .nullable()
        .describe('Why this kind could not be listed; the others were.'),
    }),
  ),
});

/** What there is in a tenant to protect. */
@Controller('api/v1')
export class InventoryController {
  constructor(
    @TheTenantParts() private readonly parts: TenantParts,
    private readonly cursors: Cursors,
  ) {}

  @Post('tenants/:tenantId/inventory\\:refresh')
  @Operation({
    id: 'refreshInventory',
    summary: 'List the tenant anew',
    role: 'operator',
    answer: { status: 200, schema: Refreshed },
    problems: ['tenant.not-found', 'tenant.unreachable', 'secret.wrong-key', 'secret.corrupt', ...MICROSOFT_CODES],
  })
  async refresh(@PathOf(TenantPath) { tenantId }: z.output<typeof TenantPath>) {
    return { kinds: await refreshInventory(this.parts, tenantId) };
  }

  @Get('tenants/:tenantId/inventory')
  @Operation({
    id: 'listInventory',
    summary: 'List or search what the last refresh found, by name',
    role: 'viewer',
    answer: { status: 200, schema: pageOf(ObjectView) },
    problems: ['tenant.not-found'],
  })
  async list(
    @PathOf(TenantPath) { tenantId }: z.output<typeof TenantPath>,
    @QueryOf(InventoryQuery) query: z.output<typeof InventoryQuery>,
  ) {
    await readTenant(this.parts.database, tenantId);
    const { limit, cursor, kind = null, search = null, gone } = query;
    const list = JSON.stringify(['inventory', tenantId, kind, search, gone]);
    const found = await listObjects(this.parts.database, {
      tenantId,
      kind,
      search,
      gone: gone === 'true',
      after: this.cursors.decode(list, cursor),
      limit,
    });
    const page = this.cursors.page(list, limit, found, (object) => [object.displayName, object.id]);
    return { ...page, items: page.items.map(objectView) };
  }

  @Get('objects/:objectId')
  @Operation({
    id: 'readObject',
    summary: 'Read one protected object',
    role: 'viewer',
    answer: { status: 200, schema: ObjectView },
    problems: ['object.not-found'],
  })
  async read(@PathOf(ObjectPath) { objectId }: z.output<typeof ObjectPath>) {
    return objectView(await readObject(this.parts.database, objectId));
  }
}
