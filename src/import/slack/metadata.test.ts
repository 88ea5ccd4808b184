import { describe, expect, test } from 'vitest';
import { limits } from '../../chat/limits.ts';
import { slackMetadata } from './metadata.ts';

const own = { ts: '1577836800.000200' };
const size = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

describe('what is kept of a Slack message', () => {
  test('what this server cannot show lies under slack as it came; what it shows or does not need does not', () => {
    const raw = {
      type: 'message',
      text: 'hello',
      user: 'U1',
      user_profile: { email: 'ada@example.com' },
      thread_ts: '1577836700.000100',
      reactions: [{ name: 'tada', users: ['U1'], count: 1 }],
      edited: { user: 'U1', ts: '1577836801.000000' },
      subtype: 'bot_message',
    };
    expect(slackMetadata(raw, own)).toEqual({
      metadata: { slack: { ...own, subtype: 'bot_message' } },
      trimmed: [],
    });
  });

  test('access tokens in the addresses of files are not handed to readers', () => {
    const url = 'https://files.slack.com/files-pri/T1-F1/a.png?t=xoxe-1-secret&v=2';
    const { metadata } = slackMetadata({ files: [{ url_private: url, note: 'watch?v=1&t=42' }] }, own);
    expect(JSON.stringify(metadata)).not.toContain('secret');
    expect(metadata).toMatchObject({
      slack: {
        files: [
          {
            url_private: 'https://files.slack.com/files-pri/T1-F1/a.png?t=removed&v=2',
            note: 'watch?v=1&t=42',
          },
        ],
      },
    });
  });

  test('what is too large is shortened: the description of files first, then blocks, then the rest', () => {
    const raw = {
      username: 'CI',
      files: [{ id: 'F1', name: 'a.png', preview: 'p'.repeat(20_000) }],
      blocks: [{ text: 'b'.repeat(10_000) }],
      attachments: [{ text: 'a'.repeat(10_000) }],
    };
    const { metadata, trimmed } = slackMetadata(raw, own);
    expect(size(metadata)).toBeLessThanOrEqual(limits.metadataBytes);
    expect(metadata).toEqual({
      slack: {
        ...own,
        username: 'CI',
        files: [{ id: 'F1', name: 'a.png' }],
        attachments: raw.attachments,
      },
    });
    expect(trimmed).toEqual(['files', 'blocks']);
  });

  test('anything fits in the end, whatever is large', () => {
    const raw = { username: 'u'.repeat(20_000), topic: '語'.repeat(9_000), files: 'f'.repeat(20_000) };
    const { metadata, trimmed } = slackMetadata(raw, own);
    expect(size(metadata)).toBeLessThanOrEqual(limits.metadataBytes);
    expect(metadata).toMatchObject({ slack: own });
    expect(trimmed).toContain('files');
  });

  test('what is nested too deep is left out', () => {
    let deep: unknown = 'x';
    for (let i = 0; i < 5_000; i += 1) deep = [deep];
    expect(slackMetadata({ blocks: deep, subtype: 'me_message' }, own)).toEqual({
      metadata: { slack: { ...own, subtype: 'me_message' } },
      trimmed: ['blocks'],
    });
  });
});
