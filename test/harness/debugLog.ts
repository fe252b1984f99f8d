import { format, stripVTControlCharacters } from 'node:util';
import debug from 'debug';
import { onTestFinished, vi } from 'vitest';

/** Turns logs on until the test ends, as the variable DEBUG would, and collects what they write. */
export function readDebugLog(namespaces: string): string[] {
  const lines: string[] = [];
  const write = (...line: unknown[]) => {
    const text = stripVTControlCharacters(format(...line));

    // Before it stands the time, or the namespace has a colour. After it may stand the time since the line before.
    lines.push(text.slice(text.indexOf('mediasoup-heartbeat:')).replace(/ \+\d+ms$/, ''));
  };
  const spies = (['debug', 'info', 'warn'] as const).map(method =>
    vi.spyOn(console, method).mockImplementation(write),
  );

  debug.enable(namespaces);
  onTestFinished(() => {
    debug.disable();

    for (const spy of spies) {
      spy.mockRestore();
    }
  });

  return lines;
}
