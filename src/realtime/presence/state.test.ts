import { expect, test } from 'vitest';
import type { Presence } from '../../chat/presence/port.ts';
import { combined } from './state.ts';

test.each<[readonly Presence[], Presence]>([
  [[], 'OFFLINE'],
  [['OFFLINE'], 'OFFLINE'],
  [['AWAY', 'OFFLINE'], 'AWAY'],
  [['OFFLINE', 'AWAY'], 'AWAY'],
  [['AWAY', 'ACTIVE', 'OFFLINE'], 'ACTIVE'],
])('%j together is %s', (all, together) => {
  expect(combined(all)).toBe(together);
});
