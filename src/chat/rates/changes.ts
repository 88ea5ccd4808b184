/** The use cases that count as changes of a person: all that write for others to see, but for sends and signals. */
import type { Channels } from '../channels/channels.ts';
import type { Memberships } from '../memberships/memberships.ts';
import type { Messages } from '../messages/messages.ts';
import type { People } from '../people/people.ts';
import type { Viewer } from '../viewer.ts';
import type { Rates } from './rates.ts';

export interface Changing {
  readonly people: People;
  readonly channels: Channels;
  readonly memberships: Memberships;
  readonly messages: Messages;
}

/** The same use cases, each counted before it begins. */
export function limitChanges(
  { people, channels, memberships, messages }: Changing,
  rates: Pick<Rates, 'change'>,
): Changing {
  const counted =
    <Rest extends unknown[], Result>(
      change: (viewer: Viewer, ...rest: Rest) => Promise<Result>,
    ): ((viewer: Viewer, ...rest: Rest) => Promise<Result>) =>
    async (viewer, ...rest) => {
      rates.change(viewer);
      return change(viewer, ...rest);
    };
  return {
    people: { ...people, updateProfile: counted(people.updateProfile) },
    channels: {
      ...channels,
      create: counted(channels.create),
      openDirectMessage: counted(channels.openDirectMessage),
      openThread: counted(channels.openThread),
      update: counted(channels.update),
      archive: counted(channels.archive),
      unarchive: counted(channels.unarchive),
      join: counted(channels.join),
      leave: counted(channels.leave),
      addMember: counted(channels.addMember),
      updateMemberRole: counted(channels.updateMemberRole),
      removeMember: counted(channels.removeMember),
    },
    memberships: { ...memberships, updateSettings: counted(memberships.updateSettings) },
    messages: {
      ...messages,
      edit: counted(messages.edit),
      delete: counted(messages.delete),
      react: counted(messages.react),
      setPinned: counted(messages.setPinned),
    },
  };
}
