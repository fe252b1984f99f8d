import { version } from 'mediasoup';
import { describe } from 'vitest';
import { describeMediasoup } from './describeMediasoup.ts';

describe(`mediasoup ${version}`, describeMediasoup);
