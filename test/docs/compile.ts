import ts from 'typescript';
import { root, type Snippet } from './Snippet.ts';

/** What an application has that the examples take for granted, by name. */
export type Prelude = Readonly<Record<string, string>>;

/** What is wrong with examples, as the compiler says it with the strict options of this project. */
export function errorsIn(snippets: readonly Snippet[], preludeFor: (snippet: Snippet) => Prelude): string[] {
  const modules = new Map(
    snippets.map((snippet, index) => [`${root}test/docs/example-${index}.tsx`, { snippet, index }]),
  );
  const sources = new Map(
    [...modules].map(([name, { snippet }]) => [name, moduleOf(snippet, preludeFor(snippet))]),
  );
  const configFile = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(
    { ...configFile.config, include: [], files: [] },
    ts.sys,
    root,
  );
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;

  host.getSourceFile = (name, target) => {
    const source = sources.get(name);

    return source === undefined
      ? getSourceFile.call(host, name, target)
      : ts.createSourceFile(name, source, target);
  };
  host.fileExists = name => sources.has(name) || fileExists.call(host, name);
  host.readFile = name => sources.get(name) ?? readFile.call(host, name);

  const program = ts.createProgram({
    rootNames: [...sources.keys()],
    // Without `paths` the packages are those that `npm test` has just built, as users have them.
    options: {
      ...options,
      paths: {},
      noUnusedLocals: false,
      noUnusedParameters: false,
      jsx: ts.JsxEmit.ReactJSX,
    },
    host,
  });

  return [...modules].flatMap(([name, { snippet }]) => {
    const file = program.getSourceFile(name);

    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ messageText, start = 0 }) => {
        const line = file?.text.slice(0, start).split('\n').length ?? 0;

        return `${snippet.document}:${snippet.line}: ${file?.text.split('\n')[line - 1]?.trim()}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
      },
    );
  });
}

/** An example as a module of its own. It gets what it takes for granted, without what it declares itself. */
function moduleOf({ code }: Snippet, prelude: Prelude): string {
  const own = namesDeclaredIn(code);
  const used = new Set(code.match(/\w+/g));
  const given = Object.entries(prelude).filter(([name]) => used.has(name) && !own.has(name));

  return `${given.map(([, declaration]) => declaration).join('\n')}\n${code}\nexport {};\n`;
}

function namesDeclaredIn(code: string): Set<string> {
  const names = new Set<string>();
  const add = (name: ts.BindingName): void => {
    if (ts.isIdentifier(name)) names.add(name.text);
    else for (const element of name.elements) if (ts.isBindingElement(element)) add(element.name);
  };

  for (const statement of ts.createSourceFile('a.tsx', code, ts.ScriptTarget.Latest).statements) {
    if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations) add(name);
    } else if (ts.isImportDeclaration(statement)) {
      const bindings = statement.importClause?.namedBindings;

      if (bindings && ts.isNamedImports(bindings)) for (const { name } of bindings.elements) add(name);
      if (bindings && ts.isNamespaceImport(bindings)) add(bindings.name);
      if (statement.importClause?.name) add(statement.importClause.name);
    } else if (
      (ts.isFunctionDeclaration(statement) ||
        ts.isClassDeclaration(statement) ||
        ts.isTypeAliasDeclaration(statement)) &&
      statement.name
    ) {
      add(statement.name);
    }
  }

  return names;
}
