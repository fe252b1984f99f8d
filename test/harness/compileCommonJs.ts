import { createRequire, Module } from 'node:module';

/** A CommonJS module, with what its class has besides what is typed. */
type Compilable = Module & {
  filename: string;
  paths: string[];
  _compile(source: string, file: string): void;
};

/** Runs a source as if it were the CommonJS module in a file, and returns what it exports. */
export function compileCommonJs(file: string, source: string): unknown {
  const module = new Module(file) as Compilable;

  module.filename = file;
  module.paths = createRequire(file).resolve.paths('any-package') ?? [];
  module._compile(source, file);

  return module.exports;
}
