/**
 * A failure that the reader can mend. Its message says what is wrong, where, and which line mends it,
 * so it is shown without a stack trace.
 */
export class ProvisionError extends Error {
  override readonly name = 'ProvisionError';
}
