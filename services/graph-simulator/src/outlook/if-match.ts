import { GraphError } from '../http/graph-error.ts';
import type { GraphRequest } from '../http/graph-request.ts';

/** A change under `If-Match` counts only for the state that was seen. @throws GraphError 412 when the item has changed */
export function checkIfMatch(request: GraphRequest, changeKey: string): void {
  const wanted = request.headers['if-match'];
  if (wanted === undefined || wanted === '*' || wanted === `W/"${changeKey}"`) return;
  throw new GraphError(
    412,
    'ErrorIrresolvableConflict',
    'The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item.',
  );
}
