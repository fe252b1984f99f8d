import { version } from 'mediasoup';
import { describe } from 'vitest';
import { describeApplicationStream } from './describeApplicationStream.ts';

describe(`mediasoup ${version}`, describeApplicationStream);
