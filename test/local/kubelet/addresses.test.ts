import { createServer } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { Addresses } from '../../../src/local/kubelet/addresses.ts';

const linux = process.platform === 'linux' ? describe : describe.skip;

linux('Addresses', () => {
  it('gives each pod an address of its own in a network that no other run has', async () => {
    // The same random numbers: the second run must notice that the first holds the network.
    const numbers = [0.5, 0.5, 0.25, 0.125];
    const random = (): number => numbers.shift() ?? 0.75;
    const [one, two] = [await Addresses.open(random), await Addresses.open(random)];
    const taken = await Promise.all([one.take([8080]), one.take([8080]), two.take([8080])]);
    const ips = taken.map(({ ip }) => ip);
    expect(new Set(ips).size).toBe(3);
    expect(new Set(ips.map((ip) => ip.split('.').slice(0, 3).join('.'))).size).toBe(2);
    for (const ip of ips) expect(ip).toMatch(/^127\./u);
    one.close();
    two.close();
  });

  it('takes ports of their own where another program listens on all addresses', async () => {
    const everywhere = createServer().listen(0, '0.0.0.0');
    await once(everywhere, 'listening');
    const address = everywhere.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const addresses = await Addresses.open(Math.random);
    const taken = await addresses.take([port, 8081]);
    expect(taken.ip).toBe('127.0.0.1');
    expect([...taken.ports.keys()]).toEqual([port, 8081]);
    expect(new Set(taken.ports.values()).size).toBe(2);
    addresses.close();
    everywhere.close();
  });

  it('uses an address again after it was given back', async () => {
    const addresses = await Addresses.open(Math.random);
    const first = await addresses.take([8080]);
    addresses.release(first);
    const later = [];
    for (let index = 0; index < 250; index++) later.push(await addresses.take([]));
    expect(later.map(({ ip }) => ip)).toContain(first.ip);
    addresses.close();
  });
});
