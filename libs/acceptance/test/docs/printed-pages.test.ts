import { expect, test } from '@jest/globals';
import { PRINTED_PAGES, printPage, readPage } from './printed-pages.ts';

test.each(Object.keys(PRINTED_PAGES))(
  'docs/%s says what the code says; if it does not, run: npm run generate',
  async (name) => {
    const [stands, printed] = [await readPage(name), await printPage(name)];
    if (stands === printed) return;
    expect(stands.split('\n')).toEqual(printed.split('\n'));
  },
);
