import { describe, expect, it } from '@jest/globals';
import { pinnedImages } from '../../../src/core/featureserver/pinned-images.ts';
import { featureServer } from './support/objects.ts';

const own = { builtin: 'example.org/worker:2', pool: 'example.org/pool:2' };
const featureStore = { secret: { name: 'store' } };
const builtin = (image?: string) => ({ server: { builtin: { featureStore, ...(image === undefined ? {} : { image }) } } });
const python = (poolImage?: string) => ({ server: { python: { image: 'shop:1', app: 'main:app', server: 'waitress', ...(poolImage === undefined ? {} : { poolImage }) } } });
const feast = { server: { feast: { image: 'feast:1', featureStore } } };
const pinned = { status: { image: 'example.org/worker:1', poolImage: 'example.org/pool:1' } };

describe('pinnedImages', () => {
  it.each([
    ['a new built-in fleet', builtin(), {}, { image: 'example.org/worker:2' }],
    ['an older built-in fleet keeps what it has', builtin(), pinned, { image: 'example.org/worker:1' }],
    ['the spec of a built-in fleet wins', builtin('mine:3'), pinned, { image: 'mine:3' }],
    ['a new Python fleet', python(), {}, { poolImage: 'example.org/pool:2' }],
    ['an older Python fleet keeps what it has', python(), pinned, { poolImage: 'example.org/pool:1' }],
    ['the spec of a Python fleet wins', python('mine:3'), pinned, { poolImage: 'mine:3' }],
    ['Feast', feast, pinned, { poolImage: 'example.org/pool:1' }],
    ['a fleet that was built in until now does not take its old image for a pool image', python(), { status: { image: 'example.org/worker:1' } }, { poolImage: 'example.org/pool:2' }],
    ['a server that needs neither', {}, pinned, {}],
  ])('%s', (_name, spec, rest, expected) => {
    expect(pinnedImages(featureServer(spec, rest), own)).toEqual(expected);
  });
});
