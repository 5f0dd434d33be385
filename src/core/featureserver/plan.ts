/**
 * From what is there and what should be there to the writes between them. Nothing to write gives an empty plan.
 *
 * @module
 */
import { fieldManagers } from '../../api/names.ts';
import { isApplied, withDigest } from './applied-digest.ts';
import type { Manifest } from './manifest.ts';
import type { ChildRole, ChildState, Observed } from './observed.ts';
import type { ReplicaDecision } from './replica-ownership.ts';

export interface DesiredChild {
  readonly role: ChildRole;
  readonly object: Manifest;
}

/** One write. `reason` is a constant, `message` a sentence: events and logs use both as they stand. */
export type Action =
  | { readonly type: 'apply'; readonly role: ChildRole; readonly fieldManager: string; readonly object: Manifest; readonly reason: string; readonly message: string }
  | { readonly type: 'delete'; readonly role: ChildRole; readonly name: string; readonly uid: string; readonly reason: string; readonly message: string };

/** A child of our name that somebody else owns. */
export interface NameTaken {
  readonly role: ChildRole;
  readonly message: string;
}

export interface Plan {
  readonly actions: readonly Action[];
  readonly taken: readonly NameTaken[];
}

/** Reasons of writes to children. */
export const planReasons = { created: 'Created', repaired: 'Repaired', updated: 'Updated', removed: 'Removed', scaled: 'Scaled', released: 'ReplicasReleased' } as const;

/** What to write, in this order: configuration before the pods that read it, the Deployment last. */
export const plan = (observed: Observed, desired: readonly DesiredChild[], unwanted: readonly ChildRole[], replicas: ReplicaDecision): Plan => {
  const uid = observed.featureServer.metadata.uid;
  const taken = desired.flatMap((child) => nameTaken(child.role, child.object.metadata.name ?? '', observed.children[child.role], uid));
  const blocked = new Set(taken.map(({ role }) => role));
  const wanted = desired.filter(({ role }) => !blocked.has(role)).sort((a, b) => rank(a.role) - rank(b.role));
  return {
    taken,
    actions: [
      ...wanted.flatMap((child) => (child.role === 'deployment' ? deploymentActions(child, observed, replicas) : childActions(child, observed))),
      ...unwanted.flatMap((role) => removal(role, observed.children[role], uid)),
    ],
  };
};

const rank = (role: ChildRole): number => (role === 'deployment' ? 1 : 0);

const nameTaken = (role: ChildRole, name: string, state: ChildState, uid: string): NameTaken[] => {
  if (state.kind !== 'present' || isOwned(state.object, uid)) return [];
  const owner = state.object.metadata.ownerReferences?.find(({ controller }) => controller === true);
  const by = owner === undefined ? 'belongs to nobody' : `belongs to ${owner.kind} ${owner.name}`;
  const kind = state.object.kind ?? role;
  return [{ role, message: `${kind} ${name} exists already and ${by}: rename the FeatureServer, or delete that ${kind} so that Plateau can create its own` }];
};

const isOwned = (object: Manifest, uid: string): boolean =>
  object.metadata.ownerReferences?.some((owner) => owner.uid === uid && owner.controller === true) === true;

const childActions = ({ role, object }: DesiredChild, observed: Observed): Action[] => {
  const sent = withDigest(object);
  const state = observed.children[role];
  if (state.kind === 'remembered' || (state.kind === 'present' && settled(sent, state.object))) return [];
  return [templateApply(role, sent, state)];
};

/** A child on its way out is left alone: what is applied to it would be lost, and its successor is created when it is gone. */
const settled = (sent: Manifest, actual: Manifest): boolean =>
  actual.metadata.deletionTimestamp !== undefined || isApplied(sent, actual, fieldManagers.template);

const templateApply = (role: ChildRole, object: Manifest, state: ChildState): Action => {
  const subject = `${object.kind ?? role} ${object.metadata.name ?? ''}`;
  const base = { type: 'apply', role, fieldManager: fieldManagers.template, object } as const;
  if (state.kind !== 'present') return { ...base, reason: planReasons.created, message: `created ${subject}` };
  const drifted = sameDigest(object, state.object);
  return drifted
    ? { ...base, reason: planReasons.repaired, message: `set ${subject} right: somebody had changed what Plateau owns` }
    : { ...base, reason: planReasons.updated, message: `updated ${subject}` };
};

const sameDigest = (a: Manifest, b: Manifest): boolean =>
  Object.entries(a.metadata.annotations ?? {}).every(([name, value]) => b.metadata.annotations?.[name] === value);

const deploymentActions = (child: DesiredChild, observed: Observed, { accepted, write }: ReplicaDecision): Action[] => {
  const state = observed.children.deployment;
  if (state.kind !== 'present') return creation(child, accepted, write);
  if (state.object.metadata.deletionTimestamp !== undefined) return [];
  const template = childActions(child, observed);
  const scale = scaleAction(child.object, state.object, write);
  // When the number must be secured the scale manager goes first; after a creation that was cut short the template
  // manager must own the template before the scale manager lets go of it.
  return observed.deployment?.scaleOwnsTemplate === true ? [...forced(template, child, state), ...scale] : [...scale, ...template];
};

const forced = (template: Action[], { role, object }: DesiredChild, state: ChildState): Action[] =>
  template.length > 0 ? template : [templateApply(role, withDigest(object), state)];

/**
 * A Deployment must be born with its number: without it the API server sets one. The scale manager, the only one that may
 * send the number, therefore sends the whole object first; the template manager takes its part, the scale manager lets go.
 */
const creation = (child: DesiredChild, accepted: number, write: ReplicaDecision['write']): Action[] => {
  const sent = withDigest(child.object);
  const spec = typeof sent['spec'] === 'object' ? { ...sent['spec'], replicas: accepted } : { replicas: accepted };
  const born: Action = { type: 'apply', role: 'deployment', fieldManager: fieldManagers.scale, object: { ...sent, spec }, reason: planReasons.created, message: `created Deployment ${sent.metadata.name ?? ''} with ${accepted} replicas` };
  return [born, templateApply('deployment', sent, { kind: 'absent' }), ...scaleAction(child.object, null, write)];
};

const scaleAction = (desired: Manifest, actual: Manifest | null, write: ReplicaDecision['write']): Action[] => {
  if (write.kind === 'none') return [];
  const { name, namespace } = desired.metadata;
  const version = actual?.metadata.resourceVersion;
  const metadata = { ...(name === undefined ? {} : { name }), ...(namespace === undefined ? {} : { namespace }), ...(version === undefined ? {} : { resourceVersion: version }) };
  const base = { type: 'apply', role: 'deployment', fieldManager: fieldManagers.scale } as const;
  const head = { apiVersion: 'apps/v1', kind: 'Deployment', metadata };
  if (write.kind === 'release') {
    return [{ ...base, object: head, reason: planReasons.released, message: 'gave the number of replicas up to its other owner' }];
  }
  return [{ ...base, object: { ...head, spec: { replicas: write.replicas } }, reason: write.reason, message: write.message }];
};

const removal = (role: ChildRole, state: ChildState, uid: string): Action[] => {
  if (state.kind !== 'present' || !isOwned(state.object, uid) || state.object.metadata.deletionTimestamp !== undefined) return [];
  const { kind, metadata } = state.object;
  const message = `removed ${kind ?? role} ${metadata.name ?? ''}: the spec asks for none`;
  return [{ type: 'delete', role, name: metadata.name ?? '', uid: metadata.uid ?? '', reason: planReasons.removed, message }];
};
