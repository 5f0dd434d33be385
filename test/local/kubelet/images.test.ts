import { describe, expect, it } from '@jest/globals';
import { commandLine, localImages } from '../../../src/local/kubelet/images.ts';
import { podWith } from './support.ts';

const images = localImages(['node', 'plateau.js'], new Map([['plateau-pool', { entrypoint: ['/run/install'] }], ['shop', { env: { PATH: '/shop/bin' } }]]));
const words = (container: Record<string, unknown>): string[] => {
  const { container: parsed } = podWith(container);
  return commandLine(parsed, images(parsed.image));
};

describe('what stands in for images', () => {
  it.each([
    ['an image of ours, whatever its registry and tag', { image: 'registry.example.com:5000/team/plateau-worker:1.0', args: ['worker'] }, ['node', 'plateau.js', 'worker']],
    ['one that is named for the run', { image: 'plateau-pool@sha256:00', args: ['/opt'] }, ['/run/install', '/opt']],
    ['a command of its own', { image: 'shop:3', command: ['python3', 'a'], args: ['b'] }, ['python3', 'a', 'b']],
    ['a command in an image that nobody knows', { image: 'unknown', command: ['run'] }, ['run']],
  ])('%s', (_what, container, expected) => {
    expect(words(container)).toEqual(expected);
  });

  it.each([
    ['an unknown image', { image: 'unknown' }, 'give container server a command'],
    ['an image without an entry point', { image: 'shop:3' }, 'give container server a command'],
    ['the pool image of a run that was not told of it', { name: 'plateau-pool', image: 'mine:1' }, 'in a manifest when the run starts'],
  ])('%s is refused with a remedy', (_what, container, remedy) => {
    expect(() => words(container)).toThrow(remedy);
  });
});
