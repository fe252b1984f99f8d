import type { FailureDetectorFactory } from './detector/FailureDetector.ts';

/** One option: what it is where it is left out, and what it may be. */
export type Option<T> = {
  /** `undefined`: it depends on other options. */
  readonly default: T;
  /** What it has to be, with the range: the rest of an error that says "… must be". */
  readonly expected: string;
  readonly isValid: (value: unknown) => boolean;
  /** Whether it only works for applications that know it by an old name. */
  readonly isDeprecated?: boolean;
};

/** All options of one side: a new one is a row here, of the type that the public type gives it. */
export type OptionTable<Options> = { readonly [Name in keyof Options]-?: Option<Options[Name] | undefined> };

/** The values of all options of a table. */
export type OptionValues<Table> = { [Name in keyof Table]: Table[Name] extends Option<infer T> ? T : never };

/** Makes an option. */
export function option<T>(standard: T, expected: string, isValid: (value: unknown) => boolean): Option<T> {
  return { default: standard, expected, isValid };
}

/** An option in ms. */
export function milliseconds<T extends number | undefined>(standard: T, min: number, max: number) {
  const isValid = (value: unknown) => typeof value === 'number' && value >= min && value <= max;

  return option<number | T>(standard, `a number from ${min} to ${max} (ms)`, isValid);
}

/** An option that is true or false. */
export function flag<T extends boolean | undefined>(standard: T) {
  return option<boolean | T>(standard, 'true or false', value => typeof value === 'boolean');
}

/** The options that both sides have. */
export const COMMON_OPTIONS = {
  advertise: flag(true),
  detector: option<FailureDetectorFactory | undefined>(
    undefined,
    'a function that makes a FailureDetector',
    value => typeof value === 'function',
  ),
  appData: option<Record<string, unknown>>({}, 'an object', isObject),
};

/** Whether a value has properties. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/**
 * Refuses what is no object, and options that do not exist: one that is misspelt would have no effect, and nobody would notice.
 *
 * @throws TypeError that names the option and those that exist
 */
export function checkOptionNames(caller: string, table: object, given: unknown): asserts given is object {
  if (!isObject(given) || Array.isArray(given)) {
    throw new TypeError(`${caller}: options must be an object, got ${show(given)}`);
  }

  const unknown = Object.keys(given).find(name => !Object.hasOwn(table, name));

  if (unknown !== undefined) {
    throw new TypeError(`${caller}: unknown option ${unknown}; known are ${Object.keys(table).join(', ')}`);
  }
}

/**
 * The values of a table's options: those that were given, checked, and the defaults of the others.
 *
 * @throws TypeError that names the option, the value and the range
 */
export function optionValues<Table extends Readonly<Record<string, Option<unknown>>>>(
  table: Table,
  given: object,
): OptionValues<Table> {
  const values = Object.entries(table).map(([name, option]) => {
    const value = (given as Record<string, unknown>)[name];

    return [name, value === undefined ? defaultOf(option) : checkOption(name, option, value)];
  });

  return Object.fromEntries(values);
}

/** Checks one value. It throws a TypeError that names the option, the value and the range. */
export function checkOption<T>(name: string, { expected, isValid }: Option<T>, value: unknown): T {
  if (!isValid(value)) {
    throw new TypeError(`${name} must be ${expected}, got ${show(value)}`);
  }

  return value as T;
}

/** A value as it stands in an error. */
export function show(value: unknown): string {
  if (typeof value === 'function') {
    return 'a function';
  } else if (typeof value === 'string') {
    return `the string '${value}'`;
  } else if (Array.isArray(value)) {
    return 'an array';
  }

  return isObject(value) ? `an ${value.constructor?.name ?? 'object'}` : String(value);
}

/** A copy, so that no two heartbeats share it. */
function defaultOf({ default: standard }: Option<unknown>): unknown {
  return isObject(standard) ? { ...standard } : standard;
}
