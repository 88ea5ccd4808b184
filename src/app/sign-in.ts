/** Who may come in: tokens checked as the settings say, and in dev mode given out too. */
import { loadDevKey } from '../auth/dev-key.ts';
import { keySetOf } from '../auth/key-set.ts';
import { tokenVerifier } from '../auth/verify.ts';
import { createViewers, type RememberedViewers } from '../auth/viewers.ts';
import type { Clock } from '../chat/clock.ts';
import type { Epochs } from '../chat/epoch/watch.ts';
import type { Logger } from '../chat/logger.ts';
import type { OrganizationStore, UserStore } from '../chat/people/port.ts';
import type { Config } from '../config/config.ts';
import type { DevSignIn } from '../http/dev-sign-in.ts';
import { devSignIn } from './dev-sign-in.ts';

export interface SignIn {
  readonly viewers: RememberedViewers;
  /** Null outside dev mode. */
  readonly devSignIn: DevSignIn | null;
}

export async function openSignIn(
  { auth, stores }: Config,
  ports: {
    readonly organizations: OrganizationStore;
    readonly users: UserStore;
    readonly epochs: Epochs;
    readonly clock: Clock;
    readonly logger: Logger;
  },
): Promise<SignIn> {
  const { clock, logger } = ports;
  const { mode } = auth;
  const devKey = mode === 'dev' ? await loadDevKey(stores.dataDir) : null;
  const verify = tokenVerifier(auth, { devKey, keySet: keySetOf(auth, logger) }, clock);
  return {
    viewers: createViewers({ ...ports, verify, mode }),
    devSignIn: devKey === null ? null : devSignIn(devKey, ports, clock),
  };
}
