/**
 * The oldest mediasoup-client that is supported. What is used of it has the same types as in the latest, to
 * which the client half is typed; its own differ in private members.
 */
declare module 'mediasoup-client-oldest' {
  export * from 'mediasoup-client';
}
