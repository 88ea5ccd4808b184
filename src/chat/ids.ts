/** Identifiers: UUIDs, version 7 where the server makes them, so that they sort by time and index well. */
import { createHash, randomBytes } from 'node:crypto';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A fresh UUIDv7 (RFC 9562 section 5.7). @param now milliseconds since the epoch. */
export function uuidv7(now: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes[6] = (bytes.readUInt8(6) & 0x0f) | 0x70;
  bytes[8] = (bytes.readUInt8(8) & 0x3f) | 0x80;
  return hyphened(bytes);
}

/**
 * The UUIDv8 (RFC 9562 section 5.8) of a name: the same parts give the same id, wherever and whenever. Its first part
 * says what is named, so that ids of two kinds never meet.
 */
export function uuidv8(...name: readonly string[]): string {
  const bytes = createHash('sha256').update(name.join('\n')).digest().subarray(0, 16);
  bytes[6] = (bytes.readUInt8(6) & 0x0f) | 0x80;
  bytes[8] = (bytes.readUInt8(8) & 0x3f) | 0x80;
  return hyphened(bytes);
}

function hyphened(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** True for a lower-case UUID with hyphens, whatever its version. */
export const isUuid = (value: string): boolean => UUID.test(value);

/** The time in a UUIDv7, milliseconds since the epoch; null for any other UUID. */
export function uuidv7Time(uuid: string): number | null {
  return isUuid(uuid) && uuid[14] === '7' ? Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16) : null;
}
