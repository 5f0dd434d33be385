/**
 * etcd and kube-apiserver as the control plane of a local fleet.
 *
 * @module
 */
import type { ControlPlane } from './local-control-plane.ts';

/** Starts them. */
export const startRealControlPlane = (_port: number, _runFolder: string): Promise<ControlPlane> => Promise.reject(new Error('not yet'));
