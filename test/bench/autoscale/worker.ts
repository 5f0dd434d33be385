/** A process that runs one job after the other. @module */
import type { Job } from './job.ts';
import { runJob } from './job.ts';

process.on('message', ({ id, job }: { id: number; job: Job }) => {
  process.send?.({ id, result: runJob(job) });
});
