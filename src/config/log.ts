/** What is written to the server's log. */
import { z } from 'zod';
import { setting } from './setting.ts';

export const logModel = z.object({
  LOG_LEVEL: setting(z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'), {
    meaning: 'least weight of what is logged: trace, debug, info, warn, error, silent',
    fallback: 'info',
    expected: 'trace, debug, info, warn, error or silent',
  }),
});
