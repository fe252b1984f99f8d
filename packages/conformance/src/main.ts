#!/usr/bin/env node
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { clientCases } from './cases/clients.ts';
import { serverCases } from './cases/servers.ts';
import { vectorCases } from './cases/vectors.ts';
import { connectCommand } from './connectCommand.ts';
import { junit } from './junit.ts';
import { type Result, runCases } from './runCases.ts';

const USAGE = `usage: conformance [HB-… | text]… [options] -- command [arguments]

Tests an implementation of the mediasoup heartbeat protocol. The command is started with two more arguments, the role
(client or server) and the interval in ms, and speaks lines over stdio: see the README of the package.
Without a command, this package tests its own reference implementation.

  HB-… | text       only cases of that requirement, or with that text in their title
  --role ROLE       only cases for an implementation that plays this role
  --junit FILE      writes a JUnit report
  --jobs N          how many cases run at the same time (default: 8)
  --patience S      how long to wait for a suspicion or a death, in s (default: 120)
  --list            lists the cases and runs none
`;

const argv = process.argv.slice(2);
const commandAt = argv.includes('--') ? argv.indexOf('--') : argv.length;

function parse() {
  try {
    return parseArgs({
      args: argv.slice(0, commandAt),
      allowPositionals: true,
      options: {
        role: { type: 'string' },
        junit: { type: 'string' },
        jobs: { type: 'string', default: '8' },
        patience: { type: 'string', default: '120' },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}

const { values, positionals } = parse();
const asked = argv.slice(commandAt + 1);
const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const reference = [process.execPath, fileURLToPath(new URL(`./reference.${ending}`, import.meta.url))];
const all = [...vectorCases, ...clientCases, ...serverCases];
const cases = all.filter(
  ({ requirements, title, role }) =>
    (values.role === undefined || values.role === role) &&
    (positionals.length === 0 ||
      positionals.some(text => requirements.includes(text) || title.includes(text))),
);

const nameOf = ({ case: { requirements, role, title } }: Pick<Result, 'case'>) =>
  `${requirements.join(' ')} (${role}): ${title}`;

if (values.help) {
  process.stdout.write(USAGE);
} else if (cases.length === 0) {
  process.stderr.write(`no case is about ${positionals.join(' ')}. --list shows all of them\n`);
  process.exitCode = 2;
} else if (values.list) {
  for (const one of cases) {
    process.stdout.write(`${nameOf({ case: one })}\n`);
  }
} else {
  const marks = { passed: '✔', failed: '✘', skipped: '-' };
  const results = await runCases(cases, {
    connect: connectCommand(asked.length > 0 ? asked : reference),
    concurrency: Math.max(1, Number(values.jobs) || 1),
    patience: (Number(values.patience) || 120) * 1000,
    onResult: result => {
      const { kind, broken, message } = result;

      process.stdout.write(`${marks[kind]} ${nameOf(result)}\n`);

      if (kind !== 'passed') {
        process.stdout.write(`    ${broken === undefined ? '' : `breaks ${broken}: `}${message}\n`);
      }
    },
  });
  const count = (kind: Result['kind']) => results.filter(result => result.kind === kind).length;
  const exercised = new Set(results.flatMap(result => result.exercised));
  const broken = new Set(results.flatMap(result => result.broken ?? []));

  if (values.junit !== undefined) {
    writeFileSync(values.junit, junit(results));
  }

  process.stdout.write(
    `\n${exercised.size} requirements exercised${broken.size > 0 ? `, broken: ${[...broken].join(' ')}` : ''}\n`,
  );
  process.stdout.write(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped\n`);
  process.exitCode = count('failed') > 0 ? 1 : 0;
}
