/**
 * The contract: what the embedded API server claims to do as a real one does it. Each case runs against both.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe } from '@jest/globals';
import { parse } from 'yaml';
import { applyingContract } from './applying.ts';
import { definitionContract } from './definitions.ts';
import { presentationContract } from './presentation.ts';
import { readingContract } from './reading.ts';
import { call, mustApply, type Json, type Subject } from './subject.ts';
import { writingContract } from './writing.ts';

const crds = fileURLToPath(new URL('../../crds', import.meta.url));

/** Installs the definitions of crds/ and waits until FeatureServers are served. */
export const installFeatureServers = async (subject: Subject): Promise<void> => {
  for (const file of readdirSync(crds).filter((name) => name.endsWith('.yaml'))) {
    const definition: Json & { metadata: { name: string } } = parse(readFileSync(`${crds}/${file}`, 'utf8'));
    const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${definition.metadata.name}`;
    await mustApply(subject, path, 'contract', definition);
  }
  const deadline = Date.now() + 30_000;
  while ((await call(subject, 'GET', '/apis/plateau.dev/v1alpha1/featureservers')).code === 404) {
    if (Date.now() > deadline) throw new Error('FeatureServers are not served within 30 s');
  }
};

/** All cases that need no kubectl. `collectsGarbage`: the server also does what kube-controller-manager does. */
export const apiContract = (subject: () => Subject, options: { readonly collectsGarbage: boolean }): void => {
  describe('reading', () => readingContract(subject));
  describe('writing', () => writingContract(subject, options));
  describe('applying', () => applyingContract(subject));
  describe('definitions', () => definitionContract(subject));
  describe('presentation', () => presentationContract(subject));
};
