/**
 * What this server cannot show of a Slack message is kept in its metadata under `slack`, as it came, so that a client
 * can use it: files, attachments, blocks, what kind of message it is. Bounded by the limit on metadata; what takes
 * the most room and says the least goes first.
 */
import type { JsonObject, JsonValue } from '../../chat/json.ts';
import { limits } from '../../chat/limits.ts';

/** Fields kept when present. */
const KEPT = [
  'subtype',
  'files',
  'attachments',
  'blocks',
  'username',
  'bot_id',
  'topic',
  'purpose',
  'name',
  'old_name',
  'inviter',
] as const;

/** Left out in this order until the rest fits: blocks repeat the text, attachments mostly repeat a web page. */
const LEFT_OUT_FIRST = ['blocks', 'attachments', 'files'] as const;

/** What remains of a file when the whole description is too large. */
const FILE_FIELDS = ['id', 'name', 'title', 'mimetype', 'filetype', 'size', 'permalink'] as const;

const DEEPEST = 24;

/** An access token in the address of a file. */
const TOKEN = /([?&]t=)xox[^&#"'\s]*/g;

export interface SlackMetadata {
  readonly metadata: JsonObject;
  /** Names of the fields that did not fit, or only in part. */
  readonly trimmed: readonly string[];
}

/**
 * @param raw the message as parsed from the export.
 * @param own fields that the import itself adds; `ts` among them.
 */
export function slackMetadata(raw: Readonly<Record<string, unknown>>, own: JsonObject): SlackMetadata {
  const kept: Record<string, JsonValue> = {};
  const trimmed: string[] = [];
  for (const field of KEPT) {
    const value = raw[field];
    if (value === undefined || value === null) continue;
    try {
      kept[field] = copied(value, 0);
    } catch (error) {
      if (!(error instanceof TooDeep)) throw error;
      trimmed.push(field);
    }
  }
  const assembled = (): JsonObject => ({ slack: { ...own, ...kept } });
  if (!fits(assembled()) && Array.isArray(kept.files)) {
    kept.files = kept.files.map(fileSummary);
    trimmed.push('files');
  }
  for (const field of [...LEFT_OUT_FIRST, ...KEPT]) {
    if (fits(assembled())) break;
    if (kept[field] === undefined) continue;
    delete kept[field];
    trimmed.push(field);
  }
  return { metadata: assembled(), trimmed: [...new Set(trimmed)] };
}

const fits = (metadata: JsonObject): boolean =>
  Buffer.byteLength(JSON.stringify(metadata)) <= limits.metadataBytes;

function fileSummary(file: JsonValue): JsonValue {
  if (typeof file !== 'object' || file === null || Array.isArray(file)) return null;
  const whole = file as JsonObject; // narrowed above: neither null nor a list
  return Object.fromEntries(FILE_FIELDS.flatMap((f) => (whole[f] === undefined ? [] : [[f, whole[f]]])));
}

class TooDeep extends Error {}

/**
 * A copy of JSON without the access tokens that exports carry in file addresses (`?t=xoxe-…`): they open every file
 * of the workspace, and metadata is read by whoever may read the message.
 */
function copied(value: unknown, depth: number): JsonValue {
  if (depth > DEEPEST) throw new TooDeep();
  if (typeof value === 'string') return value.replace(TOKEN, '$1removed');
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map((item) => copied(item, depth + 1));
  if (typeof value !== 'object' || value === null) return null;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copied(item, depth + 1)]));
}
