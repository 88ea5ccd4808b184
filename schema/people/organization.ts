import { builder } from '../builder.ts';
import { OrganizationRef } from '../refs.ts';

builder.node(OrganizationRef, {
  description:
    'A tenant. No query, subscription or cache entry ever crosses from one organization to another.',
  id: { resolve: (organization) => organization.id },
  fields: (t) => ({
    slug: t.exposeString('slug'),
    name: t.exposeString('name'),
  }),
});
