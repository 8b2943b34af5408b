import { seededRandom } from '../../generate/random.ts';
import type { TenantShape } from '../../options.ts';
import type { ByteSource } from '../../tenant/source.ts';
import type { UserRecord } from '../../tenant/user.ts';
import type { Drive } from '../state/drive.ts';
import { DriveMaker } from './drive-maker.ts';
import { addOddities } from './oddities.ts';

/** Sizes are drawn from a log-normal law with this deviation: many small files, few large ones. */
const SIZE_DEVIATION = 1.6;

/** Drives of the first users, with their folders and files; bytes are made later, when they are read. */
export function generateDrives(shape: TenantShape, users: readonly UserRecord[]): Drive[] {
  const owners = users.filter(({ kind }) => kind === 'user').slice(0, shape.drives);
  const sizes = drawSizes(shape);
  const shared: ByteSource[] = [];
  let drawn = 0;
  return owners.map((owner, at) => {
    const count = Math.floor(shape.files / owners.length) + (at < shape.files % owners.length ? 1 : 0);
    const maker = new DriveMaker({ seed: shape.seed, owner, number: at + 1, people: owners, shared });
    maker.addFolders(count);
    const own = [...sizes.subarray(drawn, drawn + count)];
    for (const size of shape.oddities > 0 ? addOddities(maker, own) : own) maker.addSomeFile(size);
    if (at === 0 && shape.largeFile > 0) maker.addLargeFile(shape.largeFile);
    drawn += count;
    return maker.drive;
  });
}

function drawSizes(shape: TenantShape): Float64Array {
  const random = seededRandom(shape.seed, 1111);
  const sizes = Float64Array.from({ length: shape.files }, () =>
    Math.exp(Math.min(3, random.normal()) * SIZE_DEVIATION),
  );
  const sum = sizes.reduce((total, size) => total + size, 0);
  return sizes.map((size) => (size * shape.fileBytes) / (sum || 1));
}
