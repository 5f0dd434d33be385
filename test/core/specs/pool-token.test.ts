import { describe, expect, it } from '@jest/globals';
import { poolToken } from '../../../src/core/specs/index.ts';

const key = new Uint8Array(32).fill(1);

describe('the pool token', () => {
  it('is the same for the same key and object, so that it need not be stored', () => {
    expect(poolToken(key, 'a')).toBe(poolToken(new Uint8Array(32).fill(1), 'a'));
    expect(poolToken(key, 'a')).toMatch(/^[0-9a-f]{64}$/);
  });

  it('differs between objects and between keys', () => {
    const tokens = [poolToken(key, 'a'), poolToken(key, 'b'), poolToken(new Uint8Array(32).fill(2), 'a')];
    expect(new Set(tokens).size).toBe(3);
  });

  it('refuses a short key', () => {
    expect(() => poolToken(new Uint8Array(16), 'a')).toThrow(/16 bytes; it needs at least 32/);
  });
});
