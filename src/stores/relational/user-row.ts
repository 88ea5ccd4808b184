/** People as the database gives them, and as the domain sees them. */
import type { User } from '../../chat/people/port.ts';
import type { UserRow } from './tables.ts';

export const userOf = (row: UserRow): User => ({
  id: row.id,
  organizationId: row.organization_id,
  subject: row.subject,
  handle: row.handle,
  name: row.name,
  avatarUrl: row.avatar_url,
  isBot: row.is_bot,
  deactivatedAt: row.deactivated_at,
});
