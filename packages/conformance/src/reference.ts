#!/usr/bin/env node
import { createInterface } from 'node:readline';
import { LineClient } from './LineClient.ts';
import { LineServer } from './LineServer.ts';

// `heartbeat-reference client|server INTERVAL`: this repository's implementation behind the lines of the README.
const [role, interval] = process.argv.slice(2);

if ((role !== 'client' && role !== 'server') || !(Number(interval) > 0)) {
  process.stderr.write('usage: heartbeat-reference client|server INTERVAL\n');
  process.exit(2);
}

const print = (line: string) => void process.stdout.write(`${line}\n`);
const Side = role === 'server' ? LineServer : LineClient;
const side = new Side(Number(interval), print);

createInterface({ input: process.stdin })
  .on('line', line => side.handleLine(line))
  .on('close', () => process.exit());
