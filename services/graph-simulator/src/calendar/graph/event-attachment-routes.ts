import type { GraphContext } from '../../graph/graph-context.ts';
import { itemNotFound } from '../../http/graph-error.ts';
import type { OpenTargetHolder } from '../../outlook/attachments/upload-sessions.ts';

/** The event that an upload is for. */
export function eventTarget(_context: GraphContext): OpenTargetHolder {
  return () => {
    throw itemNotFound();
  };
}
