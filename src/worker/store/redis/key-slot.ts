/**
 * Which of a cluster's 16,384 slots a key is in: CRC-16/XMODEM of the key, or of what stands between its first braces
 * (Redis cluster specification, "Key distribution model" and "Hash tags").
 *
 * @module
 */
export const slots = 16_384;

const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc;
});

const open = 0x7b;
const close = 0x7d;

/** The slot of a key. */
export function keySlot(key: Buffer): number {
  const from = key.indexOf(open) + 1;
  const to = from === 0 ? -1 : key.indexOf(close, from);
  const tagged = to > from;
  let crc = 0;
  for (let at = tagged ? from : 0, end = tagged ? to : key.length; at < end; at++) {
    crc = ((crc << 8) & 0xffff) ^ (table[((crc >>> 8) ^ (key[at] ?? 0)) & 0xff] ?? 0);
  }
  return crc % slots;
}
