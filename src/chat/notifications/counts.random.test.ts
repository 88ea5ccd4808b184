/**
 * Unread counts, counts of mentions and the list of notifications against a slow, obvious model: random operations of
 * several people, each on two devices that are on two replicas. COUNT_OPERATIONS sets how many, COUNT_SEED which.
 */
import { expect, test } from 'vitest';
import { onTwoReplicas } from '../channels/testing/on-two-replicas.ts';
import { eventually, type Scene } from '../channels/testing/threads-scene.ts';
import { threadIdOf } from '../channels/thread-id.ts';
import type { Replica } from '../testing/replica.ts';
import type { Viewer } from '../viewer.ts';
import { Model, type ModelChannel } from './testing/model.ts';

const OPERATIONS = Number(process.env.COUNT_OPERATIONS ?? 120);
const SEED = Number(process.env.COUNT_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Play {
  readonly model = new Model();
  readonly #at: Scene;
  readonly #people: readonly Viewer[];
  readonly #chance: () => number;

  constructor(at: Scene, seed: number) {
    this.#at = at;
    this.#people = [at.ada, at.grace, at.alan, at.outsider, at.boss];
    this.#chance = chanceOf(seed);
  }

  async begin(): Promise<void> {
    const { ada, grace, alan, channel, here } = this.#at;
    const ids = [ada, grace, alan].map(({ userId }) => userId);
    const first = this.model.open(channel.id, 'CHANNEL', ids);
    this.model.send(first, ada.userId, [], false);
    const second = await here.chat.channels.create(ada, {
      clientChannelId: null,
      name: 'Second',
      handle: null,
      topic: '',
      visibility: 'PUBLIC',
      postingPolicy: 'EVERYONE',
      memberIds: ids,
    });
    this.model.open(second.id, 'CHANNEL', ids);
    const dm = await here.chat.channels.openDirectMessage(ada, [grace.userId, alan.userId]);
    this.model.open(dm.id, 'DM', ids);
    await eventually(async () => expect((await this.#at.place(ada, channel.id))?.checkpoint).toBe(1));
  }

  /** One random operation, done on both sides. */
  async step(): Promise<string> {
    const viewer = this.#one(this.#people);
    const channel = this.#one(this.model.channels);
    const isMember = channel.places.has(viewer.userId);
    const inChannel = channel.parent ?? channel;
    const mayAct = inChannel.places.has(viewer.userId);
    const chat = this.#device().chat;
    const { id: channelId } = channel;
    const seq = this.#below(channel.messages.length) + 1;
    const message = channel.messages[seq - 1];
    switch (this.#below(12)) {
      case 0:
      case 1:
        if (!mayAct) return 'nothing';
        return this.#send(channel, viewer);
      case 2:
        if (!mayAct) return 'nothing';
        return this.#burst(channel, viewer);
      case 3:
        if (!mayAct || channel.type !== 'CHANNEL' || message === undefined || message.isDeleted)
          return 'nothing';
        return this.#reply(channel, seq, viewer);
      case 4: {
        const author = this.#people.find(({ userId }) => userId === message?.author);
        if (author === undefined || message === undefined || message.isDeleted) return 'nothing';
        if (!inChannel.places.has(author.userId)) return 'nothing';
        const { text, mentioned, isToAll } = this.#text();
        await chat.messages.edit(author, { channelId, seq, text, clientChangeId: null });
        Object.assign(message, { mentioned, isToAll });
        return 'edit';
      }
      case 5: {
        const author = this.#people.find(({ userId }) => userId === message?.author);
        if (author === undefined || message === undefined || !inChannel.places.has(author.userId))
          return 'nothing';
        if (
          channel.type === 'CHANNEL' &&
          this.model.channels.some((one) => one.id === this.#threadId(channel, seq))
        )
          return 'nothing';
        await chat.messages.delete(author, { channelId, seq });
        message.isDeleted = true;
        return 'delete';
      }
      case 6:
      case 7: {
        const place = channel.places.get(viewer.userId);
        if (place === undefined) return 'nothing';
        const to = this.#below(channel.messages.length + 3);
        await chat.memberships.markRead(viewer, { channelId, seq: to, markUnread: false });
        place.checkpoint = Math.max(place.checkpoint, Math.min(to, channel.messages.length));
        return 'markRead';
      }
      case 8: {
        const place = channel.places.get(viewer.userId);
        if (place === undefined) return 'nothing';
        const to = this.#below(channel.messages.length + 1);
        await chat.memberships.markRead(viewer, { channelId, seq: to, markUnread: true });
        place.checkpoint = to;
        return 'markUnread';
      }
      case 9: {
        const place = channel.places.get(viewer.userId);
        if (place === undefined) return 'nothing';
        const isMuted = this.#chance() < 0.3;
        await chat.memberships.updateSettings(viewer, {
          channelId,
          isMuted,
          notifyAlways: this.#chance() < 0.5,
        });
        place.isMuted = isMuted;
        return 'settings';
      }
      case 10:
        if (channel.type !== 'CHANNEL' || isMember) return 'nothing';
        await chat.channels.join(viewer, channelId);
        this.model.join(channel, viewer.userId);
        return 'join';
      default:
        if (channel.type !== 'CHANNEL' || !isMember || this.#chance() < 0.7) return 'nothing';
        await chat.channels.leave(viewer, channelId);
        this.model.leave(channel, viewer.userId);
        return 'leave';
    }
  }

  /** What both replicas say of a person is what the model says. */
  async check(viewer: Viewer): Promise<void> {
    const { model } = this;
    const { userId } = viewer;
    const mine = model.channels.filter(({ places }) => places.has(userId));
    const expected = {
      unread: mine.map((channel) => model.unread(channel, userId)),
      mentions: mine.map((channel) => model.mentions(channel, userId)),
      unreadTotal: model.total(userId, (channel) => model.unread(channel, userId)),
      mentionTotal: model.total(userId, (channel) => model.mentions(channel, userId)),
      list: model.list(userId).toSorted(),
    };
    for (const { chat } of [this.#at.here, this.#at.there]) {
      await eventually(async () => {
        const ids = mine.map(({ id }) => id);
        const places = new Map((await chat.memberships.ofViewer(viewer, ids)).map((m) => [m.channelId, m]));
        const heads = await chat.messages.heads(viewer, ids);
        const list: string[] = [];
        for (let after: string | undefined; ; ) {
          const page = await chat.notifications.page(viewer, {
            limit: 100,
            backward: false,
            ...(after === undefined ? {} : { after }),
          });
          list.push(...page.items.map(({ node }) => `${node.channelId} ${node.seq} ${node.reason}`));
          after = page.items.at(-1)?.key;
          if (!page.hasNext) break;
        }
        expect({
          unread: ids.map((id, i) => (heads[i] ?? 0) - (places.get(id)?.checkpoint ?? 0)),
          mentions: await chat.notifications.mentionCounts(ids.map((channelId) => ({ viewer, channelId }))),
          unreadTotal: await chat.memberships.unreadTotal(viewer),
          mentionTotal: await chat.notifications.mentionTotal(viewer),
          list: list.toSorted(),
        }).toEqual(expected);
      });
    }
  }

  checkAll(): Promise<unknown> {
    return Promise.all(this.#people.map((viewer) => this.check(viewer)));
  }

  anyone(): Viewer {
    return this.#one(this.#people);
  }

  async #send(channel: ModelChannel, viewer: Viewer): Promise<string> {
    const { text, mentioned, isToAll } = this.#text();
    // A reply makes its sender a follower, before it is saved.
    if (channel.type === 'THREAD') this.model.join(channel, viewer.userId);
    this.model.send(channel, viewer.userId, mentioned, isToAll);
    await this.#moved(channel, viewer, 1, () => this.#say(this.#device(), channel, viewer, text));
    return 'send';
  }

  /** From both devices at once: in the order in which the log has them. */
  async #burst(channel: ModelChannel, viewer: Viewer): Promise<string> {
    if (channel.type === 'THREAD') return this.#send(channel, viewer);
    const texts = Array.from({ length: 4 }, () => this.#text());
    await this.#moved(channel, viewer, texts.length, async () => {
      const sent = await Promise.all(
        texts.map(({ text }, i) => this.#say(i % 2 ? this.#at.here : this.#at.there, channel, viewer, text)),
      );
      const order = sent.map((seq, i) => ({ seq, said: texts[i] })).toSorted((a, b) => a.seq - b.seq);
      for (const { seq, said } of order) {
        if (said === undefined) throw new Error('each was said');
        expect(this.model.send(channel, viewer.userId, said.mentioned, said.isToAll)).toBe(seq);
      }
    });
    return 'burst';
  }

  async #reply(channel: ModelChannel, rootSeq: number, viewer: Viewer): Promise<string> {
    const id = this.#threadId(channel, rootSeq);
    const known = this.model.channels.find((one) => one.id === id);
    const author = channel.messages[rootSeq - 1]?.author ?? '';
    const thread =
      known ?? this.model.open(id, 'THREAD', channel.places.has(author) ? [author] : [], channel);
    this.model.join(thread, viewer.userId);
    const { text, mentioned, isToAll } = this.#text();
    this.model.send(thread, viewer.userId, mentioned, isToAll);
    await this.#moved(thread, viewer, 1, () =>
      this.#at.reply(this.#device(), viewer, text, { root: { channelId: channel.id, seq: rootSeq } }),
    );
    return 'reply';
  }

  /** Own sends move the checkpoint in their own time: the next operation comes after that. */
  async #moved(
    channel: ModelChannel,
    viewer: Viewer,
    points: number,
    send: () => Promise<unknown>,
  ): Promise<void> {
    const before = (await this.#at.place(viewer, channel.id))?.affinity ?? 0;
    await send();
    await eventually(async () => {
      const now = (await this.#at.place(viewer, channel.id))?.affinity ?? 0;
      expect(now).toBeGreaterThan(before + points - 0.2);
    });
  }

  async #say(replica: Replica, { id }: ModelChannel, viewer: Viewer, text: string): Promise<number> {
    const { message } = await replica.chat.messages.send(viewer, {
      channelId: id,
      text,
      metadata: null,
      clientMessageId: null,
      basis: null,
    });
    return message.row.seq;
  }

  #threadId(channel: ModelChannel, seq: number): string {
    return threadIdOf(this.#at.organizationId, { channelId: channel.id, seq });
  }

  #text() {
    const words = [`n${Math.floor(this.#chance() * 1e9)}`];
    const mentioned = this.#people.filter(() => this.#chance() < 0.15).map(({ userId }) => userId);
    for (const userId of mentioned) {
      words.push(`@p-${this.#people.findIndex((person) => person.userId === userId)}`);
    }
    const isToAll = this.#chance() < 0.1;
    if (isToAll) words.push(this.#chance() < 0.5 ? '@channel' : '@here');
    return { text: words.join(' '), mentioned, isToAll };
  }

  #device(): Replica {
    return this.#chance() < 0.5 ? this.#at.here : this.#at.there;
  }

  #below(n: number): number {
    return Math.floor(this.#chance() * n);
  }

  #one<T>(all: readonly T[]): T {
    const one = all[this.#below(all.length)];
    if (one === undefined) throw new Error('there is none');
    return one;
  }
}

await onTwoReplicas('counts of random operations', (scene) => {
  test(
    `${OPERATIONS} operations are counted as the model counts them (COUNT_SEED=${SEED})`,
    async () => {
      await using at = await scene();
      const play = new Play(at, SEED);
      await play.begin();
      const done = new Map<string, number>();
      for (let i = 0; i < OPERATIONS; ) {
        const what = await play.step();
        if (what === 'nothing') continue;
        i += 1;
        done.set(what, (done.get(what) ?? 0) + 1);
        if (i % 4 === 0) await play.check(play.anyone());
        if (i % 100 === 0) await play.checkAll();
      }
      await play.checkAll();
      for (const what of ['send', 'edit', 'delete', 'markRead', 'markUnread'])
        expect(done.get(what)).toBeGreaterThan(0);
    },
    OPERATIONS * 1_000,
  );
});
