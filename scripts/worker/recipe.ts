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

/** Everything that determines a build, except mediasoup's sources and the system. */
export interface Recipe {
  /** The needed parts of the package's folder `worker`. */
  readonly parts: readonly string[];
  /** What is compiled: lists in files meson.build, by the folder that the file is in and what it lists is relative to. */
  readonly sources: readonly (readonly [folder: string, list: string])[];
  readonly packages: readonly string[];
  readonly compilerFlags: readonly string[];
  readonly libraries: readonly string[];
  readonly patches: readonly Patch[];
  /** Headers that replace what Debian does not have. */
  readonly shims: string;
}

/** mediasoup's own build downloads its tools and libraries; this one takes them from Debian. */
export const debianRecipe: Recipe = {
  parts: ['src', 'include', 'fbs', 'meson.build'],
  sources: [['', 'common_sources']],
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
      // callback has to return the operation's own result, for each operation's BIO_CB_RETURN call.
      file: 'src/RTC/DtlsTransport.cpp',
      find: '(operationType == BIO_CB_RETURN)',
      replace: '((operationType & BIO_CB_RETURN) != 0)',
    },
  ],
  shims: fileURLToPath(new URL('shims', import.meta.url)),
};

/** SCTP is usrsctp in 3.19, and bandwidth is estimated by a copy of libwebrtc, which needs abseil. */
const debianRecipe319: Recipe = {
  ...debianRecipe,
  parts: [...debianRecipe.parts, 'deps/libwebrtc'],
  sources: [...debianRecipe.sources, ['deps/libwebrtc', 'libwebrtc_sources']],
  packages: [...debianRecipe.packages, 'libusrsctp-dev', 'libabsl-dev'],
  compilerFlags: [
    ...debianRecipe.compilerFlags.filter(flag => flag !== '-DMS_USE_BUILTIN_BWE'),
    '-DMS_SRTP_POLICY_IS_STRUCT', // for shims/srtp.h
    '-Ideps/libwebrtc',
    '-Ideps/libwebrtc/libwebrtc',
  ],
  libraries: [
    ...debianRecipe.libraries,
    '-lusrsctp',
    ...['strings', 'raw_hash_set', 'hash', 'throw_delegate', 'bad_optional_access'].map(
      name => `-labsl_${name}`,
    ),
  ],
};

/** How to build a version of mediasoup. */
export function recipeFor(version: string): Recipe {
  return version.startsWith('3.19.') ? debianRecipe319 : debianRecipe;
}

/** Changes with everything that changes the worker, so that a changed recipe never uses an old worker from the cache. */
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
