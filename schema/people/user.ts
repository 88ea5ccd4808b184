import { found } from '../../resolvers/found.ts';
import { builder } from '../builder.ts';
import { OrganizationRef, UserRef } from '../refs.ts';
import { Presence } from './presence.ts';

builder.node(UserRef, {
  id: { resolve: (user) => user.id },
  fields: (t) => ({
    handle: t.exposeString('handle'),
    name: t.exposeString('name'),
    avatarUrl: t.exposeString('avatarUrl', { nullable: true }),
    isBot: t.exposeBoolean('isBot'),
    deactivatedAt: t.expose('deactivatedAt', { type: 'DateTime', nullable: true }),
    organization: t.field({
      type: OrganizationRef,
      resolve: async (user, _args, { loaders }) =>
        found('The organization', await loaders.organizations.load(user.organizationId)),
    }),
    presence: t.field({
      type: Presence,
      description: 'OFFLINE when it cannot be told.',
      resolve: (user, _args, { loaders }) => loaders.presences.load(user.id),
    }),
  }),
});
