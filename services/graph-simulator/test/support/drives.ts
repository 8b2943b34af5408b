import type { Answer, GraphCaller } from './graph-caller.ts';
import type { Bench } from './use-simulator.ts';

/** A drive that tests work on. */
export interface TestDrive {
  /** User id of the owner. */
  user: string;
  id: string;
  /** `/drives/{id}`. */
  path: string;
}

/** The drives of the tenant, in the order of their owners. */
export async function drivesOf({ simulator }: Pick<Bench, 'simulator'>): Promise<TestDrive[]> {
  const users = await simulator.control.users();
  return users.flatMap(({ id: user, driveId: id }) => (id === null ? [] : [{ user, id, path: `/drives/${id}` }]));
}

/** Puts a small file below the root. @param path names from the root, with slashes */
export function putFile(graph: GraphCaller, drive: TestDrive, path: string, content: string | Buffer): Promise<Answer> {
  const address = path.split('/').map(encodeURIComponent).join('/');
  return graph.call(`${drive.path}/root:/${address}:/content`, { method: 'PUT', body: content });
}

export function makeFolder(graph: GraphCaller, drive: TestDrive, parent: string, name: string): Promise<Answer> {
  return graph.call(`${drive.path}/items/${parent}/children`, { method: 'POST', body: { name, folder: {} } });
}

/** The bytes of an item, by the address that `/content` leads to. */
export async function download(graph: GraphCaller, drive: TestDrive, item: string): Promise<Buffer> {
  const { headers } = await graph.call(`${drive.path}/items/${item}/content`);
  return (await graph.raw(headers['location'] as string)).bytes;
}
