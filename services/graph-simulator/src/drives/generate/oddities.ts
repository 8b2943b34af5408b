import { ROOT } from '../state/item.ts';
import { grant, granteeOf, sharingLink } from '../state/permissions.ts';
import type { DriveMaker } from './drive-maker.ts';
import { ODD_NAMES } from './names.ts';

/** Makes one odd file of this size. */
type Oddity = (maker: DriveMaker, size: number) => void;

const MALWARE = 'Trojan:Win32/Simulated.A!test';

/** Every oddity that is a file. The notebook has one section that can be read and one that cannot. */
const ODDITIES: readonly Oddity[] = [
  (maker) => maker.addFile(ROOT, 'empty.txt', { from: 'text', text: '' }),
  (maker, size) => maker.addFile(ROOT, 'infected.zip', maker.someContent(size), { malware: MALWARE }),
  (maker, size) => maker.addFile(ROOT, 'Many versions.docx', maker.someContent(size), maker.olderVersions(4)),
  (maker, size) => maker.addFile(ROOT, 'Shared.xlsx', maker.someContent(size), { permissions: sharing(maker) }),
  (maker, size) => maker.addFile(sharedFolder(maker), 'For all of us.pdf', maker.someContent(size)),
  (maker, size) => maker.addFile(notebook(maker), 'Open Notebook.onetoc2', maker.someContent(size)),
  (maker, size) => maker.addFile(notebook(maker), 'Meetings.one', maker.someContent(size)),
  (maker, size) => maker.addFile(notebook(maker), 'Broken.one', maker.someContent(size), { unreadable: true }),
  ...ODD_NAMES.map(
    (name): Oddity =>
      (maker, size) =>
        maker.addFile(ROOT, name, maker.someContent(size)),
  ),
];

/** How many files of a drive are the ordinary share of empty and shared ones. */
const SHARE = 0.02;

/**
 * Odd files, as far as there are sizes for them: each kind in the first drive, some in all others.
 * @returns sizes that are left for ordinary files
 */
export function addOddities(maker: DriveMaker, sizes: readonly number[]): number[] {
  const left = [...sizes];
  const isFirst = maker.plan.number === 1;
  if (!isFirst) addShortcut(maker);
  const some = Math.ceil(sizes.length * SHARE);
  const wanted = isFirst ? ODDITIES : [ODDITIES[0]!, ODDITIES[3]!].slice(0, some);
  for (const make of wanted) {
    const size = left.pop();
    if (size === undefined) break;
    make(maker, size);
  }
  return left;
}

/** Leads to the first drive's documents. */
function addShortcut(maker: DriveMaker): void {
  maker.add({ type: 'shortcut', name: 'Documents of a colleague', parent: ROOT, target: { drive: 1, key: ROOT + 1 } });
}

function notebook(maker: DriveMaker): number {
  const name = 'Notes of the team';
  return maker.drive.child(ROOT, name) ?? maker.add({ type: 'package', name, parent: ROOT });
}

function sharedFolder(maker: DriveMaker): number {
  const name = 'Shared with everyone';
  const link = sharingLink(linkId(maker), { type: 'view', scope: 'organization', grantees: [] });
  const folder = { type: 'folder' as const, name, parent: ROOT, permissions: [link, ...sharing(maker)] };
  return maker.drive.child(ROOT, name) ?? maker.add(folder);
}

/** With a colleague, with someone outside of the tenant, and by a link for one person. */
function sharing(maker: DriveMaker): ReturnType<typeof grant>[] {
  const { people, owner } = maker.plan;
  const colleague = people.find(({ id }) => id !== owner.id) ?? owner;
  const email = 'zoe@partner.example';
  const outsider = { kind: 'user' as const, id: null, displayName: email, email };
  return [
    grant(granteeOf(colleague), ['write']),
    grant(outsider, ['read']),
    sharingLink(linkId(maker), { type: 'edit', scope: 'users', grantees: [granteeOf(colleague)] }),
  ];
}

function linkId(maker: DriveMaker): string {
  const hex = [0, 0, 0, 0].map(() => maker.random.bits().toString(16).padStart(8, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
