import { markRead } from '../../resolvers/mutation/mark-read.ts';
import { renewSession } from '../../resolvers/mutation/renew-session.ts';
import { updateMembership } from '../../resolvers/mutation/update-membership.ts';
import { updateProfile } from '../../resolvers/mutation/update-profile.ts';
import { builder } from '../builder.ts';
import { MarkReadInput } from '../inputs/mark-read-input.ts';
import { RenewSessionInput } from '../inputs/renew-session-input.ts';
import { UpdateMembershipInput } from '../inputs/update-membership-input.ts';
import { UpdateProfileInput } from '../inputs/update-profile-input.ts';
import { MembershipPayload } from '../payloads/membership-payload.ts';
import { SessionLease } from '../payloads/session-lease.ts';
import { UserPayload } from '../payloads/user-payload.ts';
import { fresh } from './fresh.ts';

/** What concerns the viewer alone: their profile, their place in channels. */
builder.mutationFields((t) => ({
  updateProfile: t.field({
    type: UserPayload,
    description: "The viewer's own. What is left out stays; a null avatarUrl takes the picture away.",
    args: { input: t.arg({ type: UpdateProfileInput, required: true }) },
    resolve: fresh(updateProfile),
  }),
  markRead: t.field({
    type: MembershipPayload,
    description: 'Moves the checkpoint forward to seq; backward only with markUnread.',
    args: { input: t.arg({ type: MarkReadInput, required: true }) },
    resolve: fresh(markRead),
  }),
  updateMembership: t.field({
    type: MembershipPayload,
    args: { input: t.arg({ type: UpdateMembershipInput, required: true }) },
    resolve: fresh(updateMembership),
  }),
  renewSession: t.field({
    type: SessionLease,
    description:
      "Over the WebSocket: replaces the connection's token before it expires, without dropping the connection.",
    args: { input: t.arg({ type: RenewSessionInput, required: true }) },
    resolve: fresh(renewSession),
  }),
}));
