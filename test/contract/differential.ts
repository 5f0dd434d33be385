/**
 * The same random writes on two servers must leave the same object, owned by the same managers.
 *
 * @module
 */
import { expect } from '@jest/globals';
import { at, fieldsOf, isFields, listOf, textOf } from '../../src/local/apiserver/json.ts';
import { deployment, deployments } from './objects.ts';
import { apply, call, must, newNamespace, type Json, type Reply, type Subject } from './subject.ts';

/** A small generator with a seed (Park and Miller's minimal standard), so that a failure can be run again. */
const createRandom = (seed: number): (() => number) => {
  let state = (seed % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
};

interface Dice {
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(...choices: readonly T[]) => T;
  /** A part of a list, in random order. */
  readonly some: (...choices: readonly string[]) => readonly string[];
}

const createDice = (random: () => number): Dice => {
  const pick = <T>(...choices: readonly T[]): T => {
    const choice = choices[Math.floor(random() * choices.length)];
    if (choice === undefined) throw new Error('nothing to pick from');
    return choice;
  };
  const shuffled = (list: readonly string[]): readonly string[] =>
    list.map((item) => [random(), item] as const).toSorted(([a], [b]) => a - b).map(([, item]) => item);
  return {
    chance: (probability) => random() < probability,
    pick,
    some: (...choices) => shuffled(choices).slice(0, Math.floor(random() * (choices.length + 1))),
  };
};

const container = (dice: Dice): Json => ({
  image: dice.pick('example/server:1', 'example/server:2'),
  ...(dice.chance(0.6) ? { env: dice.some('A', 'B', 'C', 'D').map((name) => ({ name, value: dice.pick('1', '2') })) } : {}),
  ...(dice.chance(0.4) ? { ports: dice.some('80', '81', '82').map((port) => ({ containerPort: Number(port), ...(dice.chance(0.3) ? { protocol: 'UDP' } : {}) })) } : {}),
  ...(dice.chance(0.3) ? { command: ['run', dice.pick('fast', 'slow')] } : {}),
  ...(dice.chance(0.3) ? { resources: { limits: { cpu: dice.pick('1', '2') } } } : {}),
});

const metadata = (dice: Dice): Json => ({
  name: 'a',
  ...(dice.chance(0.5) ? { labels: Object.fromEntries(dice.some('x', 'y', 'z').map((name) => [name, dice.pick('1', '2')])) } : {}),
  ...(dice.chance(0.3) ? { annotations: { note: dice.pick('1', '2') } } : {}),
  ...(dice.chance(0.3) ? { finalizers: dice.some('example.com/a', 'example.com/b').map(String) } : {}),
});

const whole = (dice: Dice): Json => {
  const numbers = { ...(dice.chance(0.5) ? { replicas: dice.pick(1, 2, 3) } : {}), ...(dice.chance(0.3) ? { minReadySeconds: dice.pick(1, 2) } : {}) };
  return { ...deployment('a', container(dice), numbers), metadata: metadata(dice) };
};

const part = (dice: Dice): Json => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: metadata(dice),
  ...(dice.chance(0.7) ? { spec: { replicas: dice.pick(1, 2, 3) } } : {}),
});

interface Write {
  readonly describe: string;
  readonly run: (subject: Subject, path: string) => Promise<Reply>;
}

const randomWrite = (dice: Dice): Write => {
  const manager = dice.pick('one', 'two', 'three');
  const action = dice.pick('apply', 'apply', 'apply', 'part', 'part', 'status', 'patch');
  const body = action === 'apply' ? whole(dice) : part(dice);
  const force = dice.chance(0.6);
  const describe = `${manager} ${action}${force ? ' by force' : ''} ${JSON.stringify(body)}`;
  if (action === 'patch') {
    return { describe, run: (subject, path) => call(subject, 'PATCH', `${path}?fieldManager=${manager}`, { body, contentType: 'application/merge-patch+json' }) };
  }
  if (action === 'status') {
    const status = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' }, status: { replicas: dice.pick(1, 2) } };
    return { describe, run: (subject, path) => apply(subject, `${path}/status`, manager, status, force) };
  }
  return { describe, run: (subject, path) => apply(subject, path, manager, body, force) };
};

/** Without what may differ: nulls and empty values that Go drops or writes, times, and the order of managers of the same second. */
const tidy = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(tidy);
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]): [string, unknown] => [name, tidy(member)])
      .filter(([, member]) => member !== null && !(Array.isArray(member) && member.length === 0) && !(isFields(member) && Object.keys(member).length === 0)),
  );
};

const managers = (object: Json): unknown =>
  Object.fromEntries(
    listOf(at(object, 'metadata', 'managedFields')).map((entry) => {
      const { manager, operation, subresource, fieldsV1 } = fieldsOf(entry);
      return [`${textOf(manager)} ${textOf(operation)} ${textOf(subresource)}`, fieldsV1];
    }),
  );

const picture = (object: Json): Json => ({
  metadata: tidy({ ...fieldsOf(object['metadata']), managedFields: null, uid: null, resourceVersion: null, creationTimestamp: null, namespace: null }),
  spec: tidy(object['spec']),
  status: tidy(object['status']),
  managers: managers(object),
});

/** Does `writes` random writes on both servers and compares the object after each. */
export const compareServers = async (left: Subject, right: Subject, { seed, writes }: { readonly seed: number; readonly writes: number }): Promise<void> => {
  const dice = createDice(createRandom(seed));
  const subjects = [left, right] as const;
  const paths = [deployments(await newNamespace(left), 'a'), deployments(await newNamespace(right), 'a')] as const;
  const first = deployment('a');
  for (const [index, subject] of subjects.entries()) await apply(subject, paths[index] ?? '', 'one', first);
  const history: string[] = [];
  for (let count = 0; count < writes; count += 1) {
    const write = randomWrite(dice);
    const [a, b] = [await write.run(left, paths[0]), await write.run(right, paths[1])];
    history.push(`${a.code} ${b.code} ${write.describe}${b.code < 300 ? '' : ` ${String(b.body['message'])}`}`);
    const before = history.join('\n');
    expect({ before, code: b.code }).toEqual({ before, code: a.code });
    const objects = [await must(left, 'GET', paths[0]), await must(right, 'GET', paths[1])] as const;
    expect({ before, ...picture(objects[1]) }).toEqual({ before, ...picture(objects[0]) });
  }
};
