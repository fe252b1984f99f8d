import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { compileCommonJs } from '../../harness/compileCommonJs.ts';

const require = createRequire(import.meta.url);

/** The built packages as ES modules, as CommonJS, and as CommonJS of another version. */
export async function loadCopies<Package>(name: 'server' | 'client', otherVersion: string) {
  const specifier = `@mediasoup-heartbeat/${name}`;
  const file = require.resolve(specifier);
  const { version } = JSON.parse(
    readFileSync(new URL(`../../../packages/${name}/package.json`, import.meta.url), 'utf8'),
  );
  const source = readFileSync(file, 'utf8');
  const other = compileCommonJs(file, source.replaceAll(`"${version}"`, `"${otherVersion}"`));

  return {
    version,
    asModule: (await import(specifier)) as Package,
    asCommonJs: require(specifier) as Package,
    ofAnotherVersion: other as Package,
  };
}

/** The outcome of a promise or a call. */
export async function outcomeOf(what: () => unknown): Promise<string> {
  try {
    await what();

    return 'done';
  } catch (error) {
    return (error as Error).message;
  }
}
