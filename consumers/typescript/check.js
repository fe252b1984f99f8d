import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

// The current and the previous TypeScript, and both ways in which projects resolve their imports.
const compilers = ['@typescript/native', 'typescript'];

// Each public symbol of each entry point is exported again: none may be missing, or need types that are not there.
const scope = 'node_modules/@mediasoup-heartbeat';
const entries = readdirSync(scope).flatMap(name => {
  const { exports = {} } = JSON.parse(readFileSync(`${scope}/${name}/package.json`, 'utf8'));

  return Object.entries(exports).map(([entry, conditions]) => ({
    specifier: `@mediasoup-heartbeat/${name}${entry.slice(1)}`,
    types: `${scope}/${name}/${conditions.import.types}`,
  }));
});

for (const specifier of [
  'server',
  'client',
  'protocol',
  'react',
  'client/explain',
  'server/quality',
  'server/breaker',
]) {
  if (!entries.some(entry => entry.specifier === `@mediasoup-heartbeat/${specifier}`))
    throw new Error(`there is no entry point ${specifier}`);
}

for (const { specifier, types } of entries) {
  const exported = [...readFileSync(types, 'utf8').matchAll(/^export (type )?\{([^}]*)\}/gm)].flatMap(
    ([, isType, names]) =>
      names
        .split(',')
        .map(one =>
          `${isType ? 'type ' : ''}${one.trim().replace(/^(type )?\S+ as /, '$1')}`.replace(
            'type type',
            'type',
          ),
        ),
  );

  if (exported.length === 0) throw new Error(`the types of ${specifier} export nothing`);

  // What comes from another package may be a type, which its own entry point says.
  writeFileSync(
    `src/all-of-${specifier.replace(/^@mediasoup-heartbeat./, '').replace('/', '-')}.ts`,
    `export { ${exported.join(', ')} } from '${specifier}';\n`,
  );
}

for (const compiler of compilers) {
  const bin = ['tsc', 'tsc6'].map(name => `node_modules/${compiler}/bin/${name}`).find(existsSync);

  for (const project of ['nodenext', 'bundler']) {
    const args = [bin, '-p', `tsconfig.${project}.json`];
    const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });

    if (status !== 0) {
      console.error(`${compiler} refuses the packages with tsconfig.${project}.json`);
      process.exitCode = 1;
    }
  }
}
