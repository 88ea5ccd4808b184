/** Keeping one signal of a channel, in Redis at once: its slot, the order of slots, and their size together. */

/**
 * KEYS: the channel's signals by slot (and their bytes under `#`), the order of slots by time of sending.
 * ARGV: slot, signal, when it was sent, when the oldest that still counts was, life in ms, most signals, most bytes.
 */
export const retainScript = `
local signals, order = KEYS[1], KEYS[2]
local slot, signal, sentAt = ARGV[1], ARGV[2], tonumber(ARGV[3])
-- Redis may have evicted one of the two.
if redis.call('EXISTS', signals, order) < 2 then redis.call('DEL', signals, order) end
local function drop(old)
  redis.call('HINCRBY', signals, '#', -redis.call('HSTRLEN', signals, old))
  redis.call('HDEL', signals, old)
  redis.call('ZREM', order, old)
end
for _, old in ipairs(redis.call('ZRANGE', order, '-inf', ARGV[4], 'BYSCORE')) do drop(old) end
local known = redis.call('ZSCORE', order, slot)
if known and tonumber(known) > sentAt then return 0 end
if known then drop(slot) end
redis.call('HSET', signals, slot, signal)
redis.call('ZADD', order, sentAt, slot)
local bytes = redis.call('HINCRBY', signals, '#', #signal)
while redis.call('ZCARD', order) > tonumber(ARGV[6]) or bytes > tonumber(ARGV[7]) do
  local oldest = redis.call('ZRANGE', order, 0, 0)[1]
  if not oldest then break end
  drop(oldest)
  bytes = tonumber(redis.call('HGET', signals, '#'))
end
redis.call('PEXPIRE', signals, ARGV[5])
redis.call('PEXPIRE', order, ARGV[5])
return 1
`;
