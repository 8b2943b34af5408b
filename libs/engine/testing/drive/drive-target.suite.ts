import type { Failure } from '@backhaul/domain';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DriveTarget, FileToWrite } from '../../src/drive/drive-target.ts';
import { failureOf } from '../failure-of.ts';
import type { DriveUnderTest, OpenDriveUnderTest } from './drive-under-test.ts';

const { signal } = new AbortController();
const DATES = { createdDateTime: '2019-01-02T03:04:05Z', lastModifiedDateTime: '2020-02-03T04:05:06Z' };
/** More than one fragment of an upload. */
const LARGE = Buffer.alloc(6 * 1024 * 1024 + 1_234, 'and another line of text\n');

/** What every implementation of {@link DriveTarget} promises. */
export function driveTargetSuite(name: string, open: OpenDriveUnderTest): void {
  describe(`drive target ${name}`, () => {
    let drive: DriveUnderTest;
    let target: DriveTarget;

    beforeEach(async () => {
      drive = await open();
      target = drive.target;
    });
    afterEach(() => drive.close());

    async function contentOf(id: string): Promise<Buffer> {
      const pieces: Uint8Array[] = [];
      for await (const piece of (await target.content(id, signal)).bytes) pieces.push(piece);
      return Buffer.concat(pieces);
    }

    async function namesIn(folderId: string): Promise<string[]> {
      const names: string[] = [];
      for await (const page of target.children(folderId, signal)) names.push(...page.map((item) => item.name ?? ''));
      return names.sort();
    }

    describe('a folder', () => {
      test('is made once, found again without regard to case, and looked up by id and name', async () => {
        const made = await target.ensureFolder(drive.rootId, 'Projekte & Co #1', null, signal);
        const again = await target.ensureFolder(drive.rootId, 'PROJEKTE & co #1', null, signal);
        expect(again.id).toBe(made.id);
        expect((await target.item(made.id, signal))?.name).toBe('Projekte & Co #1');
        expect((await target.child(drive.rootId, 'projekte & co #1', signal))?.id).toBe(made.id);
        expect(await target.child(drive.rootId, 'another', signal)).toBeNull();
        expect(await namesIn(drive.rootId)).toEqual(['Projekte & Co #1']);
      });

      test('whose name a file has is a conflict, and whose name is refused invalid', async () => {
        await drive.addFile(drive.rootId, 'taken', Buffer.from('a file'));
        expect((await failureOf(target.ensureFolder(drive.rootId, 'taken', null, signal))).kind).toBe('conflict');
        expect((await failureOf(target.ensureFolder(drive.rootId, 'a:b', null, signal))).kind).toBe('invalid-input');
      });

      test('is there once also when the answer to its making was lost', async () => {
        await drive.loseAnswer('ensureFolder');
        await target.ensureFolder(drive.rootId, 'Folder', null, signal).catch(() => undefined);
        await target.ensureFolder(drive.rootId, 'Folder', null, signal);
        expect(await namesIn(drive.rootId)).toEqual(['Folder']);
      });
    });

    describe('a file', () => {
      test.each([
        ['without bytes', Buffer.alloc(0)],
        ['with a few', Buffer.from('some bytes')],
        ['with more than fit in one request', LARGE],
      ])('%s is written with its dates', async (_what, content) => {
        const made = await target.write(drive.rootId, file('Ärger #1 100%.txt', content), signal);
        expect((await contentOf(made.id)).equals(content)).toBe(true);
        const found = await target.item(made.id, signal);
        expect(found).toMatchObject({ name: 'Ärger #1 100%.txt', size: content.length });
        expect([found?.fileSystemInfo?.createdDateTime, found?.fileSystemInfo?.lastModifiedDateTime].map(time)).toEqual(
          [DATES.createdDateTime, DATES.lastModifiedDateTime].map(time),
        );
      });

      test('whose name is taken is a conflict, or becomes a new version of what is there', async () => {
        const id = await drive.addFile(drive.rootId, 'a.txt', Buffer.from('old'));
        const written = file('A.txt', Buffer.from('new'));
        expect((await failureOf(target.write(drive.rootId, written, signal))).kind).toBe('conflict');
        expect((await contentOf(id)).toString()).toBe('old');
        const replaced = await target.write(drive.rootId, { ...written, ifTaken: 'replace' }, signal);
        expect([replaced.id, (await contentOf(id)).toString()]).toEqual([id, 'new']);
        expect(await drive.source.versions(id, signal)).toHaveLength(2);
      });

      test('never takes the place of a folder', async () => {
        await drive.addFolder(drive.rootId, 'Folder');
        const written = file('Folder', Buffer.from('x'), 'replace');
        expect((await failureOf(target.write(drive.rootId, written, signal))).kind).toBe('conflict');
      });

      test('that does not fit in fails for its quota, and leaves nothing', async () => {
        await drive.limitTo(1_000);
        const failure = await failureOf(target.write(drive.rootId, file('large.bin', LARGE), signal));
        expect(failure.kind).toBe('quota');
        expect(await namesIn(drive.rootId)).toEqual([]);
      });

      test('of which the answer was lost is there once, or it is said that nobody knows', async () => {
        await drive.loseAnswer('write');
        const outcome = await target.write(drive.rootId, file('a.txt', LARGE), signal).then(
          () => 'written',
          (error: Failure) => error.kind,
        );
        expect(['written', 'unavailable']).toContain(outcome);
        expect(await namesIn(drive.rootId)).toEqual(['a.txt']);
      });

      test('can be renamed and removed for good, and removing what is gone succeeds', async () => {
        const { id } = await target.write(drive.rootId, file('half made', Buffer.from('x')), signal);
        expect((await target.rename(id, 'whole', signal)).name).toBe('whole');
        await drive.addFile(drive.rootId, 'taken', Buffer.from('y'));
        expect((await failureOf(target.rename(id, 'taken', signal))).kind).toBe('conflict');
        await target.remove(id, signal);
        await target.remove(id, signal);
        expect([await target.item(id, signal), await namesIn(drive.rootId)]).toEqual([null, ['taken']]);
      });
    });

    describe('permissions', () => {
      test('are given to people and by links, and nobody is told', async () => {
        const id = await drive.addFile(drive.rootId, 'a.txt', Buffer.from('x'));
        await target.grant(id, { to: drive.somebody, role: 'write', expiresAt: null }, signal);
        await target.link(id, { type: 'view', scope: 'organization', recipients: [], expiresAt: null }, signal);
        const permissions = await target.permissions(id, signal);
        const granted = permissions.find(({ grantedToV2 }) => grantedToV2?.user?.email === drive.somebody.email);
        expect(granted?.roles).toEqual(['write']);
        expect(permissions.map(({ link }) => link?.scope)).toContain('organization');
        expect(await drive.mailsSent()).toBe(0);
      });

      test('cannot be given to somebody who is not known', async () => {
        const id = await drive.addFile(drive.rootId, 'a.txt', Buffer.from('x'));
        const grant = { to: drive.nobody, role: 'read', expiresAt: null };
        expect((await failureOf(target.grant(id, grant, signal))).kind).toBe('invalid-input');
      });
    });
  });
}

function file(name: string, content: Buffer, ifTaken: FileToWrite['ifTaken'] = 'fail'): FileToWrite {
  return {
    name,
    dates: DATES,
    ifTaken,
    content: {
      length: content.length,
      async *from(offset) {
        for (let at = offset; at < content.length; at += 100_000) yield content.subarray(at, at + 100_000);
      },
    },
  };
}

function time(text: string | undefined): number {
  return Math.floor(Date.parse(text ?? '') / 1000);
}
