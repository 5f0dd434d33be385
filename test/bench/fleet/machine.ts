/** The machine and the versions that a figure was measured with. @module */
import { availableParallelism, cpus, totalmem, type } from 'node:os';
import { versions } from '../../../hack/kubernetes/version.ts';

export const machine = () => ({ cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), memoryGiB: Math.round(totalmem() / 2 ** 30), system: type(), node: process.version, kubernetes: versions().kubernetes, at: new Date().toISOString() });
