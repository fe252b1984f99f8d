/**
 * The oldest supported mediasoup-client. It gets the types of the latest one, which the client package uses: the used
 * parts are the same. Its own types differ in private members.
 */
declare module 'mediasoup-client-oldest' {
  export * from 'mediasoup-client';
}
