import { builder } from '../builder.ts';
import { UserRef } from '../refs.ts';

export const UserConnection = builder.connectionObject({ type: UserRef, name: 'UserConnection' });
