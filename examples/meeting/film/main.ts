import { stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { film } from './film.ts';
import { takeScreenshots } from './screenshots.ts';

// The pictures of the README, or screenshots of each state.
//   npm run film
//   npm run film -- --screenshots FOLDER

const PICTURE = 'docs/demo.png';
const VIDEO = 'docs/demo.webm';

const { screenshots } = parseArgs({ options: { screenshots: { type: 'string' } } }).values;

if (screenshots === undefined) {
  await film(PICTURE, VIDEO);

  for (const file of [PICTURE, VIDEO]) {
    console.log(`${file}: ${((await stat(file)).size / 1000).toFixed(0)} kB`);
  }
} else {
  console.log(`${screenshots}: ${await takeScreenshots(screenshots)} screenshots`);
}
