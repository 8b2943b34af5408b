import type { GraphContext } from '../../graph/graph-context.ts';
import type { Attachment } from '../../mail/state/message.ts';

/** What attachments hang on: a message, an event, or an exception of a series. */
export interface AttachmentHolder {
  context: GraphContext;
  attachments: readonly Attachment[];
  modifiedAt: string;
  /** Path in key syntax, e.g. `users('…')/messages('…')`. */
  path: string;
  /** Id of the attachment that has this key. */
  id(key: number): string;
  /** Key of an attachment by its id; null when the id is another holder's. */
  key(id: string): number | null;
  /** Returns the new attachment's key. */
  add(make: (key: number) => Attachment): number;
  remove(key: number): void;
}
