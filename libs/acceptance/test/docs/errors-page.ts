import { PROBLEM_CHAPTERS, promisedStatus } from '../../../../services/director/src/api/catalogue/problem-catalogue.ts';
import type { ProblemEntries } from '../../../../services/director/src/api/catalogue/problem-entry.ts';

/** `docs/api-errors.md`: every code that the REST API can answer with, from the catalogue it is checked against. */
export function errorsPage(): string {
  return [
    '# Error codes of the REST API',
    'Every refusal is a problem document (RFC 9457, `application/problem+json`): `status`, `title`, `detail` (what ' +
      'happened), `hint` (what can be done), `code` (stable, listed here), `traceId` (stands in the log lines of the ' +
      'request), `where` (ids and names it is about) and, when fields are wrong, `errors`: each with a JSON pointer into the ' +
      'body (`/objectIds/1`) or the name of a query parameter (`?limit`), a code and a message that says what would be ' +
      'right. A request that is refused has changed nothing. Branch on `code`, never on text.',
    'With 401 comes `WWW-Authenticate`, with 405 `Allow`, with 429 and some others `Retry-After` in seconds. Which codes an ' +
      'operation can answer with stands in `/api/openapi.json`, by status, under `x-codes`.',
    'This page is printed from the catalogue by `npm run generate`.',
    ...Object.entries(PROBLEM_CHAPTERS).flatMap(([title, entries]) => [`## ${title}`, table(entries)]),
  ].join('\n\n');
}

function table(entries: ProblemEntries): string {
  const rows = Object.entries(entries).map(([code, [, meaning, remedy]]) => {
    const { status, title } = promisedStatus(code) ?? { status: 0, title: '' };
    return [`<a id="${code}"></a>\`${code}\``, String(status), title, meaning, remedy];
  });
  const heads = ['Code', 'Status', 'Title', 'Meaning', 'Remedy'];
  return [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
