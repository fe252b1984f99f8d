import { readFileSync } from 'node:fs';
import { createRequire, Module } from 'node:module';
import { dirname } from 'node:path';

const require = createRequire(import.meta.url);

/** A CommonJS module, as its class has it besides what is public. */
type Compilable = Module & {
  filename: string;
  paths: string[];
  _compile(source: string, file: string): void;
};

/** The built packages as ES modules, as CommonJS, and as CommonJS of another version. */
export async function loadCopies<Package>(name: 'server' | 'client', otherVersion: string) {
  const specifier = `@mediasoup-heartbeat/${name}`;
  const file = require.resolve(specifier);
  const { version } = JSON.parse(
    readFileSync(new URL(`../../../packages/${name}/package.json`, import.meta.url), 'utf8'),
  );
  const source = readFileSync(file, 'utf8');
  const other = new Module(file) as Compilable;

  other.filename = file;
  other.paths = (Module as unknown as { _nodeModulePaths(folder: string): string[] })._nodeModulePaths(
    dirname(file),
  );
  other._compile(source.replaceAll(`"${version}"`, `"${otherVersion}"`), file);

  return {
    version,
    asModule: (await import(specifier)) as Package,
    asCommonJs: require(specifier) as Package,
    ofAnotherVersion: other.exports as Package,
  };
}

/** What a promise, or a call, ended with. */
export async function outcomeOf(what: () => unknown): Promise<string> {
  try {
    await what();

    return 'done';
  } catch (error) {
    return (error as Error).message;
  }
}
