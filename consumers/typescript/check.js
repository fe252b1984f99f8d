import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

// The current and the previous TypeScript, and both ways in which projects resolve their imports.
const compilers = ['@typescript/native', 'typescript'];

// Each public symbol is exported again: none may be missing, or need types that are not there.
const packages = ['protocol', 'server', 'client', 'react'];

for (const name of packages) {
  const types = readFileSync(`node_modules/@mediasoup-heartbeat/${name}/dist/index.d.ts`, 'utf8');
  const exported = [...types.matchAll(/^export (type )?\{([^}]*)\}/gm)].flatMap(([, isType, names]) =>
    names
      .split(',')
      .map(one =>
        `${isType ? 'type ' : ''}${one.trim().replace(/^(type )?\S+ as /, '$1')}`.replace(
          'type type',
          'type',
        ),
      ),
  );

  if (exported.length < 5) throw new Error(`the types of ${name} export next to nothing`);

  writeFileSync(
    `src/all-of-${name}.ts`,
    `export { ${exported.join(', ')} } from '@mediasoup-heartbeat/${name}';\n`,
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
