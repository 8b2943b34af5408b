import type { Mailbox } from '../mail/mailbox.ts';

/** A plain list without change tracking, page by page. */
export async function* listedItems<T, P>(
  mailbox: Mailbox,
  { path, pageSize, signal }: { path: string; pageSize: number; signal: AbortSignal },
  propertiesOf: (entry: T) => P,
): AsyncGenerator<P[]> {
  for await (const { value } of mailbox.pages<T>({ path, pageSize, signal })) yield value.map(propertiesOf);
}
