/** Channels by id, asked by everybody who sends or reads: one statement for all who ask at the same moment. */
import type { Channel, ChannelStore } from '../../chat/channels/port.ts';
import { channelsByIds } from './channel-row.ts';
import type { Database } from './database.ts';
import { gathered, roundsOf } from './gathered.ts';
import { areUuids, uuidsOf } from './uuids.ts';

/** Who asks for more than this asks alone. */
const FEW = 20;

interface Question {
  readonly organizationId: string;
  readonly ids: readonly string[];
}

export function channelLookups(database: Database): ChannelStore['byIds'] {
  const few = gathered(roundsOf(database), (questions: readonly Question[]) => ofMany(database, questions));
  return async (organizationId, ids) => {
    const wanted = uuidsOf(ids);
    if (wanted.length === 0 || !areUuids(organizationId)) return [];
    if (wanted.length <= FEW) return few({ organizationId, ids: wanted });
    return database.run((db) => channelsByIds(db, organizationId, wanted));
  };
}

/** A statement for each organization: seldom more than a few are heard in one turn. */
async function ofMany(
  database: Database,
  questions: readonly Question[],
): Promise<readonly (readonly Channel[])[]> {
  const byOrganization = Map.groupBy(questions, ({ organizationId }) => organizationId);
  const found = new Map(
    await Promise.all(
      [...byOrganization].map(async ([organizationId, of]) => {
        const ids = uuidsOf(of.flatMap((question) => question.ids));
        const channels = await database.run((db) => channelsByIds(db, organizationId, ids));
        return [organizationId, new Map(channels.map((channel) => [channel.id, channel]))] as const;
      }),
    ),
  );
  return questions.map(({ organizationId, ids }) =>
    ids.flatMap((id) => found.get(organizationId)?.get(id) ?? []),
  );
}
