import type { ControlClient } from '@backhaul/graph-simulator';

/** SHA-256 of every whole body the tenant has sent since it was started, from its own log. */
export async function sentBodies(control: ControlClient): Promise<Set<string>> {
  const hashes = new Set<string>();
  let since = 0;
  for (;;) {
    const page = await control.log({ since });
    for (const entry of page.entries) {
      if (entry.status === 200 && entry.sha256 !== null) hashes.add(entry.sha256);
    }
    if (page.entries.length === 0 || page.next === since) return hashes;
    since = page.next;
  }
}
