import { describe, expect, it, jest } from '@jest/globals';
import { commands } from '../../src/cli/commands.ts';
import { plateau } from './support/program.ts';

// Whole programs are started, also on a machine that does much else.
jest.setTimeout(60_000);

describe('help', () => {
  it.each(commands.map(({ name }) => name))('of %s comes with -h as with --help', (command) => {
    const long = plateau([command, '--help']);
    expect(long).toEqual({ code: 0, err: '', out: expect.stringMatching(/usage: plateau /u) });
    expect(plateau([command, '-h'])).toEqual(long);
  });
});
