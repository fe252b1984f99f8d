import type { types } from 'mediasoup';
import { afterAll, beforeAll } from 'vitest';
import { startRouter } from '../harness/server.ts';
import { Call } from './Call.ts';
import { expectNothingLeft } from './leftovers.ts';

/** A Router for the tests of a file. When they have ended, nothing of a heartbeat may be left in it. */
export function useRouter(): { readonly router: types.Router } {
  let started: { worker: types.Worker; router: types.Router };

  beforeAll(async () => {
    started = await startRouter();
  });

  afterAll(async () => {
    Call.endAll();
    await expectNothingLeft(started.router);
    started.worker.close();
  });

  return {
    get router() {
      return started.router;
    },
  };
}
