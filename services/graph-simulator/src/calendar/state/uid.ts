import { createHash } from 'node:crypto';
import type { Tenant } from '../../tenant/tenant.ts';
import type { CalendarBook } from './calendar-book.ts';

/** A new uid: 32 hexadecimal digits that no other appointment of the tenant has. */
export function newUid(tenant: Pick<Tenant, 'sequence'>, book: CalendarBook): string {
  return createHash('sha256')
    .update(`appointment ${book.number} ${book.appointments.size} ${tenant.sequence}`)
    .digest('hex')
    .slice(0, 32)
    .toUpperCase();
}
