import { driveInPath, graphSegments } from '../drives/graph/drive-paths.ts';
import type { GraphContext } from '../graph/graph-context.ts';
import type { GraphError } from '../http/graph-error.ts';
import type { RawGraphRequest } from '../http/graph-request.ts';
import type { Reply } from '../http/reply.ts';
import { mailboxInPath } from '../limits/path-limits.ts';
import { replacingAnswer } from './fault-answers.ts';
import type { FaultRules } from './fault-rules.ts';

/** What a request within a batch is answered instead of the truth; null when it meets no fault. */
export function faultsInBatches(
  context: GraphContext,
  faults: FaultRules,
): (part: RawGraphRequest) => Reply | GraphError | null {
  const { tenant, links } = context;
  return ({ method, url }) => {
    const path = `/v1.0${url}`;
    const segments = graphSegments(url.split('?', 1)[0] ?? '');
    const [mailbox, drive] = [mailboxInPath(tenant, segments), driveInPath(tenant, segments)];
    const met = faults.meet({ method, path, mailbox: mailbox ?? drive, pageSize: null, inBatch: true });
    if (met === null) return null;
    return replacingAnswer(met.effect, { url: links.root + path, ofDrive: drive !== null, now: context.now() });
  };
}
