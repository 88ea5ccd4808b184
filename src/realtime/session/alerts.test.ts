import { expect, test } from 'vitest';
import type { Told } from '../../chat/notifications/port.ts';
import { SessionAlerts } from './alerts.ts';

const READY_AT = 1_000_000;
const told = (id: string, at = READY_AT - 1): Told => ({
  notification: {
    id,
    organizationId: 'acme',
    userId: 'ada',
    channelId: 'general',
    seq: 1,
    reason: 'MENTION',
    createdAt: new Date(at),
  },
  membershipId: 'm',
  isMuted: false,
  parentId: null,
});

test('an alert is told once: as it comes while what was missed is looked up, or among that, or after', () => {
  const alerts = new SessionAlerts();
  expect(alerts.event(told('early'))).toMatchObject({ isMissed: true });
  const began = alerts.begin([told('early'), told('missed')], READY_AT);
  expect(began).toMatchObject([{ notification: { id: 'missed' }, isMissed: true }]);
  for (const id of ['early', 'missed']) expect(alerts.event(told(id))).toBeNull();
  expect(alerts.event(told('new', READY_AT))).toMatchObject({ isMissed: false });
});
