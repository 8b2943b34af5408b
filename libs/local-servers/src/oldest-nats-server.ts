/** The oldest nats-server that the product is tested with: it has `sync_interval` and the fixes that leases rely on. */
export const OLDEST_NATS_SERVER = [2, 12] as const;
