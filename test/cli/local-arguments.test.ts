import { describe, expect, it } from '@jest/globals';
import { scenarioNames, scenarios } from '../../src/local/scenarios/scenarios.ts';
import { localUsage, readLocalArguments } from '../../src/cli/local-arguments.ts';

describe('readLocalArguments', () => {
  it('knows the defaults', () => {
    expect(readLocalArguments([])).toEqual({
      help: false, durationMs: undefined, report: undefined, port: 0, trace: undefined, scale: 1, manifests: [], runtime: 'builtin', controlPlane: 'embedded', mix: { '1x50': 1 }, seed: 1, keep: false,
    });
  });

  it('reads all flags', () => {
    const argv = ['--duration', '60s', '--report', 'r.json', '--port=8443', '--trace', 't.csv', '--scale', '1.5', '--manifest', 'a.yaml', '--manifest', 'b.yaml', '--control-plane', 'real', '--shapes', '1x50:0.8,10x50:0.2', '--seed', '7'];
    expect(readLocalArguments(argv)).toMatchObject({
      durationMs: 60_000, report: 'r.json', port: 8443, trace: 't.csv', scale: 1.5, manifests: ['a.yaml', 'b.yaml'], controlPlane: 'real', mix: { '1x50': 0.8, '10x50': 0.2 }, seed: 7,
    });
  });

  it.each([
    [['--duraton', '60s'], 'did you mean --duration?'],
    [['--nonsense'], 'no flag --nonsense'],
    [['--duration', '60'], 'must be a duration'],
    [['--duration', '0.1s'], 'at least 1s'],
    [['--port', '70000'], 'from 0 to 65535'],
    [['--port', '80a'], 'from 0 to 65535'],
    [['--scale', '0'], 'above 0'],
    [['--scale', 'NaN'], 'above 0'],
    [['--control-plane', 'fake'], 'embedded or real'],
    [['--runtime', 'ruby'], 'one of builtin, waitress, waitress-orjson, gunicorn, asyncio, free-threaded, feast, go'],
    [['--runtime', 'go', '--manifest', 'a.yaml'], 'leave --manifest out'],
    [['--scenario', 'fire'], 'one of gil, loop, store, threads, throttled, lock, deploy, neighbour'],
    [['--scenario', 'gil', '--manifest', 'a.yaml'], 'leave out --manifest'],
    [['--scenario', 'gil', '--runtime', 'go', '--shapes', '10x50', '--trace', 't.csv'], 'leave out --runtime and --trace and --shapes'],
    [['--scenario', 'gil', '--runtime', 'builtin'], 'leave out --runtime'],
    [['--shapes', 'big'], 'entities x features'],
    [['--report'], '--report'],
    [['extra'], 'extra'],
  ])('refuses %j and says why', (argv, part) => {
    expect(() => readLocalArguments(argv)).toThrow(part);
  });

  it('reads the name of a scenario', () => {
    expect(readLocalArguments(['--scenario', 'store', '--duration', '60s', '--scale', '2'])).toMatchObject({ scenario: 'store', durationMs: 60_000, scale: 2 });
    expect(readLocalArguments([]).scenario).toBeUndefined();
  });

  it('names all problems at once', () => {
    expect(() => readLocalArguments(['--port', 'x', '--scale', 'y'])).toThrow(/--port x.*\n.*--scale y/u);
  });

  it('explains every flag', () => {
    for (const flag of ['--duration', '--report', '--port', '--trace', '--scale', '--manifest', '--control-plane']) expect(localUsage()).toContain(flag);
  });

  it('lists every scenario with what happens in it', () => {
    for (const name of scenarioNames) expect(localUsage()).toContain(scenarios[name].help);
  });
});
