// Run by `npm run generate`.
import { writePages } from './printed-pages.ts';

await writePages();
