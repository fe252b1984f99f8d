import { parseArgs } from 'node:util';
import { measurePage, pageSection } from './pageFigures.ts';

// What a heartbeat costs a page: `npm run bench:page [-- --pings 1000] [--json]`.

const { values } = parseArgs({
  options: { pings: { type: 'string', default: '1000' }, json: { type: 'boolean', default: false } },
});
const figures = await measurePage(Number(values.pings));

console.log(values.json ? JSON.stringify(figures, null, 2) : pageSection(figures));
process.exit(0);
