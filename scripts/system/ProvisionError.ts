/**
 * A failure that the reader can fix. Its message says what is wrong, where, and which line fixes it,
 * so it is shown without a stack trace.
 */
export class ProvisionError extends Error {
  override readonly name = 'ProvisionError';
}
