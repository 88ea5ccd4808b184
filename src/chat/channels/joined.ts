/** What follows when people have become members: the change log says so, and their own devices are told. */
import { announce } from '../outbox/announcer.ts';
import type { Ports } from '../ports.ts';
import type { Membership, MembershipStore } from './port.ts';

/** Tells each new member's connections, so that the channel appears in their sidebar. */
export function tellNewMembers(ports: Ports, memberships: readonly Membership[]): void {
  for (const { organizationId, userId, channelId, id } of memberships) {
    ports.publisher.membershipChanged({ organizationId, userId, channelId, membershipId: id, isNew: true });
  }
}

/** Adds members at the head of the log, so that nothing from before they came is unread. */
export async function addMembers(
  ports: Ports,
  input: Omit<Parameters<MembershipStore['add']>[0], 'checkpoint' | 'announce'>,
): Promise<readonly Membership[]> {
  const { organizationId, channelId } = input;
  const [checkpoint = 0] = await ports.messages.heads([{ organizationId, channelId }]);
  const { memberships, outbox } = await ports.memberships.add({ ...input, checkpoint });
  const joined = new Set(outbox.map((row) => row.userId));
  tellNewMembers(
    ports,
    memberships.filter((m) => joined.has(m.userId)),
  );
  await announce(ports, outbox);
  return memberships;
}
