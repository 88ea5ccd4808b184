import { expect, test } from 'vitest';
import { Unconfirmed } from './unconfirmed.ts';

const key = (channelId: string) => ({ organizationId: 'o', channelId });

test('names what failed until a beat that named it is confirmed; what failed again since stays', () => {
  const unconfirmed = new Unconfirmed(10);
  unconfirmed.channel(key('one'));
  unconfirmed.channel(key('two'));
  unconfirmed.user({ organizationId: 'o', userId: 'ada' });
  const beat = unconfirmed.named();
  expect(beat).toMatchObject({
    channels: [
      ['o', 'one'],
      ['o', 'two'],
    ],
    users: [['o', 'ada']],
    isAll: false,
  });
  // The beat is under way, and one of them fails once more.
  unconfirmed.channel(key('two'));
  unconfirmed.confirmed(beat);
  expect(unconfirmed.named()).toMatchObject({ channels: [['o', 'two']], users: [] });
  unconfirmed.confirmed(unconfirmed.named());
  expect(unconfirmed.named()).toMatchObject({ channels: [], users: [], isAll: false });
});

test('is bounded: with more than it holds it says "all" until that was confirmed', () => {
  const unconfirmed = new Unconfirmed(100);
  for (let i = 0; i < 10_000; i += 1) unconfirmed.channel(key(`channel-${i}`));
  unconfirmed.user({ organizationId: 'o', userId: 'ada' });
  const beat = unconfirmed.named();
  expect(beat.channels.length + beat.users.length).toBe(100);
  expect(beat.isAll).toBe(true);
  unconfirmed.channel(key('one more'));
  unconfirmed.confirmed(beat);
  // There was no room for the last one, so "all" is still to be said.
  expect(unconfirmed.named()).toMatchObject({ channels: [], isAll: true });
  unconfirmed.confirmed(unconfirmed.named());
  expect(unconfirmed.named().isAll).toBe(false);
});
