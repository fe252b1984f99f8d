/**
 * Ends a test's process at once when it has nothing more to do. Otherwise Node would first finalize what native addons
 * have left, in which libwebrtc's crashes at times: behind all tests, but loudly. Not `process.exit()`: vitest lets that throw.
 */
process.on('exit', code => {
  (process as unknown as { reallyExit(code: number): never }).reallyExit(code);
});
