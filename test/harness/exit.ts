/**
 * Ends a test's process at once when it has nothing more to do. Otherwise Node finalizes the native addons first, and
 * libwebrtc's sometimes crashes then, after all tests. Not `process.exit()`: under vitest that throws.
 */
process.on('exit', code => {
  (process as unknown as { reallyExit(code: number): never }).reallyExit(code);
});
