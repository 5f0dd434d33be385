/** Test suites that need a real Kubernetes API. @module */
import { afterAll, beforeAll, describe } from '@jest/globals';
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from './control-plane.ts';

/** Longer than startControlPlane's own deadline, so that its message is what one reads. Building the binaries counts too, once. */
const startTimeoutMs = 15 * 60_000;

/** `npm test` sets this when there are no binaries, after it has said so; the suites then count as skipped. */
const withoutKubernetes = process.env['PLATEAU_WITHOUT_KUBERNETES'] === '1';

/** A suite that starts control planes by itself (startControlPlane); skipped where there are no binaries. */
export const describeKubernetes: (name: string, body: () => void) => void = withoutKubernetes ? describe.skip : describe;

/**
 * A suite with one control plane that all its tests share: started before the first, stopped after the last.
 * The body gets a function that returns it; call that inside tests and hooks only.
 */
export const describeControlPlane = (name: string, body: (cluster: () => ControlPlane) => void, options?: ControlPlaneOptions): void => {
  describeKubernetes(name, () => {
    let running: ControlPlane | undefined;
    beforeAll(async () => { running = await startControlPlane(options); }, startTimeoutMs);
    afterAll(() => running?.stop());
    body(() => {
      if (running === undefined) throw new Error('the control plane runs only inside tests and hooks of this suite');
      return running;
    });
  });
};
