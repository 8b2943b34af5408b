import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { PROBLEM_CATALOGUE, PROBLEM_CHAPTERS, promisedStatus } from '../../src/api/catalogue/problem-catalogue.ts';
import { CONTROLLERS } from '../../src/api/controllers.ts';
import { routesOf } from '../../src/api/routes.ts';

const ROOT = resolve(import.meta.dirname, '../../../..');

/** Where failures are made that can come out of the API. */
const SOURCES = [
  'services/director/src',
  'libs/domain/src',
  'libs/m365/src',
  'libs/repository/src',
  'libs/blob-store/src',
  'libs/export/src',
];

/** Codes of those sources that no request can meet, by the reason why. */
const NEVER_ANSWERED: Readonly<Record<string, readonly string[]>> = {
  'the Director does not start with it': [
    'settings.invalid',
    'database.newer-than-program',
    'database.url-invalid',
    'database.server-too-old',
    'database.login-refused',
    'database.not-found',
    'database.unreachable',
    'director.data-folder-not-writable',
    'director.port-in-use',
    'director.port-forbidden',
    'director.host-not-here',
    'key.missing',
    'key.changed',
    'key.malformed',
  ],
  'it is between Director and Transporters': [
    'offer.unclaimed',
    'leader.superseded',
    'grant.slot-occupied',
    'grant.not-offered',
    'result.foreign-point',
    'result.no-point',
  ],
  'it is the end of a task, shown in the task': [
    'task.unexplained-failure',
    'task.holder-lost',
    'task.lost-too-often',
    'graph.answer-lost',
    'graph.upload-session-lost',
    'graph.attachment-too-large',
    'graph.mailbox-missing',
    'graph.refused',
    'graph.cursor-malformed',
    'graph.cursor-foreign',
    'graph.cursor-missing',
    'graph.cursor-expired',
    'graph.sync-folder-not-found',
    'graph.change-tracking-unsupported',
    'graph.item-unreadable',
    'graph.malware',
    'graph.mailbox-unusable',
    'graph.locked',
    'graph.quota',
    'graph.exists',
    'graph.transient-conflict',
    'graph.modified-meanwhile',
    'graph.wrong-range',
    'graph.too-large',
    'graph.broken-link',
    'graph.download-address-expired',
    'graph.download-unclear',
    'graph.no-redirect',
    'graph.recipient-unknown',
    'graph.drive-missing',
    'drive.changed-meanwhile',
    'repository.verify-before-write',
    'repository.fence-stale',
    'repository.writer-revoked',
    'repository.base-moved',
    'repository.entry-invalid',
    'repository.session-abandoned',
  ],
  'a trial of the connection makes tenant.unreachable of it': [
    'graph.tls-refused',
    'graph.unreachable',
    'graph.timed-out',
  ],
  'the request is checked before it comes so far': [
    'lane.not-found',
    'lane.out-of-range',
    'restore.targets-invalid',
    'repository.password-empty',
    'repository.id-invalid',
    'repository.offset-invalid',
  ],
  'an export over HTTP writes into no folder': ['export.no-folder', 'export.in-the-way'],
  'it is of the kind internal, which is answered as that': ['repository.crew-ended'],
};

const sourceText = SOURCES.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('catalogue'))
    .map((name) => readFileSync(join(ROOT, folder, name), 'utf8')),
).join('\n');

const DOTTED = /'([a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+)'/g;

/** Codes that the sources give to failures: behind `code:`, as an argument, or as one of Graph's meanings. */
const made = new Set([
  ...sourceText
    .split('\n')
    .filter((line) => /\bcode: /.test(line) || /^\s*'[a-z.-]+',$|\w\(('[a-z-]+', )?'[a-z-]+\.[a-z.-]+',/.test(line))
    .flatMap((line) => [...line.matchAll(DOTTED)].map(([, code]) => code ?? '')),
  ...[...sourceText.matchAll(/\bmeaning\(\s*'[a-z-]+',\s*'([a-z-]+)'/g)].map(([, code]) => `graph.${code}`),
]);

describe('the catalogue of problems', () => {
  test('holds every code that is made anywhere behind the API, unless it is known why none is answered', () => {
    const excused = new Set(Object.values(NEVER_ANSWERED).flat());
    const unknown = [...made].filter((code) => !(code in PROBLEM_CATALOGUE) && !excused.has(code));
    expect(unknown).toEqual([]);
    expect(made.size).toBeGreaterThan(100);
  });

  test('holds nothing that is never made, and excuses nothing that is not there', () => {
    const isMade = (code: string) => made.has(code) || sourceText.includes(`code: '${code}'`);
    expect(Object.keys(PROBLEM_CATALOGUE).filter((code) => !isMade(code))).toEqual([]);
    const excused = Object.values(NEVER_ANSWERED).flat();
    expect(excused.filter((code) => !isMade(code) || code in PROBLEM_CATALOGUE)).toEqual([]);
  });

  test('holds every code that an operation declares', () => {
    const declared = routesOf(CONTROLLERS).flatMap(({ spec }) => spec.problems ?? []);
    expect(declared.filter((code) => !(code in PROBLEM_CATALOGUE))).toEqual([]);
    expect(declared.length).toBeGreaterThan(60);
  });

  test('knows each code once, with a sentence for meaning and remedy', () => {
    const all = Object.values(PROBLEM_CHAPTERS).flatMap((chapter) => Object.entries(chapter));
    expect(all).toHaveLength(Object.keys(PROBLEM_CATALOGUE).length);
    expect(all.filter(([, [, ...sentences]]) => sentences.some((text) => !/^[A-Z`].{7,}\.$/.test(text)))).toEqual([]);
  });

  test('gives every code the status of its kind, or the more exact one', () => {
    expect(promisedStatus('job.not-found')).toEqual({ status: 404, title: 'Not found' });
    expect(promisedStatus('if-match.missing')?.status).toBe(428);
    expect(promisedStatus('nobody.knows')).toBeNull();
    for (const code of Object.keys(PROBLEM_CATALOGUE)) expect(promisedStatus(code)?.status).toBeGreaterThanOrEqual(400);
  });
});
