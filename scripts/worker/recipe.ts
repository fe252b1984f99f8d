import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A change that the sources need before they work with Debian's libraries. */
export interface Patch {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** Everything that decides what comes out of a build, apart from mediasoup's sources and the system. */
export interface Recipe {
  readonly packages: readonly string[];
  readonly compilerFlags: readonly string[];
  readonly libraries: readonly string[];
  readonly patches: readonly Patch[];
  /** Headers that stand in for what Debian does not have. */
  readonly shims: string;
}

/** mediasoup's own build downloads its tools and libraries; this one takes them from Debian. */
export const debianRecipe: Recipe = {
  packages: ['g++', 'flatbuffers-compiler', 'libflatbuffers-dev', 'libuv1-dev', 'libssl-dev', 'libsrtp2-dev'],
  compilerFlags: [
    '-std=c++20',
    '-O1', // half the time of -O2, and nothing here is bound by the worker's speed
    '-w',
    '-DNDEBUG',
    '-DMS_EXECUTABLE',
    `-DMS_${endianness() === 'LE' ? 'LITTLE' : 'BIG'}_ENDIAN`,
    '-DMS_USE_BUILTIN_BWE', // an option of mediasoup's that does without libwebrtc and abseil
    '-DFLATBUFFERS_LOCALE_INDEPENDENT=1',
  ],
  libraries: ['-lsrtp2', '-luv', '-lssl', '-lcrypto'],
  patches: [
    {
      // Debian's OpenSSL knows kernel TLS and asks the BIO whether it does. mediasoup's BIO callback answers "yes" to
      // every such question, so OpenSSL allocates no write buffer and the first ClientHello crashes the worker. A
      // callback has to hand back the operation's own result, for each operation's BIO_CB_RETURN call.
      file: 'src/RTC/DtlsTransport.cpp',
      find: '(operationType == BIO_CB_RETURN)',
      replace: '((operationType & BIO_CB_RETURN) != 0)',
    },
  ],
  shims: fileURLToPath(new URL('shims', import.meta.url)),
};

/** Changes with anything that changes the worker, so that a changed recipe never finds an old worker in the cache. */
export function recipeHash({ shims, ...rest }: Recipe): string {
  const hash = createHash('sha256').update(JSON.stringify(rest));

  for (const entry of readdirSync(shims, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort()) {
    hash.update(entry.slice(shims.length)).update(readFileSync(entry));
  }

  return hash.digest('hex').slice(0, 12);
}
