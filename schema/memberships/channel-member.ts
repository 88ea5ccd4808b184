import { found } from '../../resolvers/found.ts';
import { encodeId } from '../../resolvers/global-id.ts';
import { ChannelMemberRef, UserRef } from '../refs.ts';
import { MembershipRole } from './membership-role.ts';

ChannelMemberRef.implement({
  description: 'What everyone in a channel may know of a member.',
  fields: (t) => ({
    id: t.id({ resolve: (member) => encodeId('ChannelMember', member.id) }),
    user: t.field({
      type: UserRef,
      resolve: async (member, _args, { loaders }) =>
        found('The user', await loaders.users.load(member.userId)),
    }),
    role: t.expose('role', { type: MembershipRole }),
    joinedAt: t.expose('joinedAt', { type: 'DateTime' }),
  }),
});
