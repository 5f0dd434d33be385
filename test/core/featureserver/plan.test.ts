import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { decide } from '../../../src/core/featureserver/decide.ts';
import { deploymentFacts } from '../../../src/core/featureserver/deployment-facts.ts';
import type { Manifest } from '../../../src/core/featureserver/manifest.ts';
import type { ChildRole, ChildState, Observed } from '../../../src/core/featureserver/observed.ts';
import { plan } from '../../../src/core/featureserver/plan.ts';
import type { Plan } from '../../../src/core/featureserver/plan.ts';
import { childRoles, desiredChildren, unwantedChildren } from '../../../src/core/specs/index.ts';
import { applied } from './support/server-side-apply.ts';
import { featureServer, observed } from './support/objects.ts';

type World = Partial<Record<ChildRole, Manifest>>;

const look = (spec: Record<string, unknown>, world: World, status?: object): Observed => {
  const state = (role: ChildRole): ChildState => {
    const object = world[role];
    return object === undefined ? { kind: 'absent' } : { kind: 'present', object };
  };
  const children = Object.fromEntries(childRoles.map((role) => [role, state(role)])) as Observed['children'];
  return observed({ featureServer: featureServer(spec, status === undefined ? {} : { status }), children, deployment: world.deployment === undefined ? null : deploymentFacts(world.deployment) });
};

const planFor = (picture: Observed): Plan => {
  const decided = decide(picture);
  const desired = desiredChildren(picture.featureServer, { images: {}, pool: decided.pool.config, token: 'token', operator: null, podAnnotations: decided.podAnnotations });
  return plan(picture, desired, unwantedChildren(picture.featureServer).map(({ role }) => role), decided.replicas);
};

/** Runs a plan, or only its first actions: the operator died. */
const run = (world: World, { actions }: Plan, first = actions.length): World => {
  const result: World = { ...world };
  for (const action of actions.slice(0, first)) {
    if (action.type === 'delete') delete result[action.role];
    else result[action.role] = applied(result[action.role], action.object, action.fieldManager);
  }
  return result;
};

const specs = fc.record({
  scaling: fc.record({ mode: fc.constantFrom('Auto', 'ReplicasOnly', 'ThreadsOnly', 'Off', 'Recommend'), replicas: fc.constant({ min: 2, max: 10 }) }),
  networkPolicy: fc.record({ enabled: fc.boolean() }),
  pool: fc.record({ threads: fc.record({ min: fc.integer({ min: 1, max: 8 }), max: fc.integer({ min: 8, max: 64 }), initial: fc.constant(8) }) }),
  env: fc.array(fc.record({ name: fc.constantFrom('A', 'B', 'C'), value: fc.string() }), { maxLength: 1 }),
  replicas: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
});

describe('plan', () => {
  it('has nothing left to do once it was carried out, from any spec to any other', () => {
    fc.assert(fc.property(specs, specs, (before, after) => {
      const first = run({}, planFor(look(before, {})));
      expect(planFor(look(before, first)).actions).toEqual([]);
      const status = { mode: before.scaling.mode, desiredReplicas: deploymentFacts(first.deployment ?? { metadata: {} }).replicas };
      const second = run(first, planFor(look(after, first, status)));
      expect(planFor(look(after, second, { ...status, mode: after.scaling.mode })).actions).toEqual([]);
    }), { numRuns: 200 });
  });

  it('reaches the same end when the operator dies after any action, and never passes through one pod', () => {
    fc.assert(fc.property(specs, fc.nat({ max: 12 }), (spec, cut) => {
      const whole = planFor(look(spec, {}));
      const broken = run({}, whole, cut);
      const healed = run(broken, planFor(look(spec, broken)));
      const settled = run(healed, planFor(look(spec, healed)));
      expect(planFor(look(spec, settled)).actions).toEqual([]);
      const wanted = spec.replicas ?? 2;
      for (const world of [broken, healed, settled]) if (world.deployment !== undefined) expect(deploymentFacts(world.deployment).replicas).toBe(wanted);
      expect(deploymentFacts(settled.deployment ?? { metadata: {} }).replicaOwners).toEqual(['plateau-scale']);
    }), { numRuns: 200 });
  });

  it('never sends replicas under the template manager', () => {
    fc.assert(fc.property(specs, (spec) => {
      for (const action of planFor(look(spec, {})).actions) {
        if (action.type === 'apply' && action.fieldManager === 'plateau') expect((action.object['spec'] as { replicas?: number } | undefined)?.replicas).toBeUndefined();
      }
    }));
  });

  it('repairs what somebody changed, says so, and leaves the rest alone', () => {
    const world = run({}, planFor(look({}, {})));
    const service = applied(world.service, { metadata: { name: 'ranking' }, spec: { type: 'NodePort' } }, 'somebody');
    const foreign = { ...service, metadata: { ...service.metadata, labels: { ...service.metadata.labels, team: 'search' } } };
    expect(planFor(look({}, { ...world, service: foreign })).actions).toMatchObject(service.metadata.managedFields?.some(({ manager }) => manager === 'plateau') ? [] : [{ reason: 'Repaired' }]);
    const taken = structuredClone(foreign);
    for (const entry of taken.metadata.managedFields ?? []) if (entry.manager === 'plateau') entry.fieldsV1 = { 'f:metadata': {} };
    expect(planFor(look({}, { ...world, service: { ...taken, metadata: { ...taken.metadata, managedFields: [] } } })).actions).toMatchObject([{ role: 'service', reason: 'Repaired' }]);
  });

  it('leaves a child on its way out alone, and never one of somebody else', () => {
    const world = run({}, planFor(look({}, {})));
    const going = { ...world.service, metadata: { ...world.service?.metadata, deletionTimestamp: 'now', managedFields: [] } };
    expect(planFor(look({}, { ...world, service: going })).actions).toEqual([]);
    const foreign = { ...world.service, metadata: { ...world.service?.metadata, ownerReferences: [] } };
    const result = planFor(look({}, { ...world, service: foreign }));
    expect(result.actions).toEqual([]);
    expect(result.taken).toMatchObject([{ role: 'service' }]);
  });
});
