/**
 * Runs jobs on several processes.
 *
 * @module
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { SimulationResult } from '../../../src/sim/outcome.ts';
import type { Job } from './job.ts';

interface Answer {
  readonly id: number;
  readonly result: SimulationResult;
}

export class Workers {
  readonly #processes: ChildProcess[];

  constructor(count: number) {
    this.#processes = Array.from({ length: count }, () => fork(join(import.meta.dirname, 'worker.ts')));
  }

  /** Results in the order of the jobs; `done` is told each as it comes. */
  async run(jobs: readonly Job[], done: (job: Job, result: SimulationResult) => void): Promise<SimulationResult[]> {
    const results = new Map<number, SimulationResult>();
    let next = 0;
    const work = async (worker: ChildProcess): Promise<void> => {
      for (let id = next++; id < jobs.length; id = next++) {
        const job = jobs[id];
        if (job === undefined) break;
        const answer = await ask(worker, id, job);
        results.set(answer.id, answer.result);
        done(job, answer.result);
      }
    };
    await Promise.all(this.#processes.map(work));
    return jobs.map((_job, id) => {
      const result = results.get(id);
      if (result === undefined) throw new Error(`job ${id} has no result`);
      return result;
    });
  }

  stop(): void {
    for (const worker of this.#processes) worker.kill();
  }
}

const ask = (worker: ChildProcess, id: number, job: Job): Promise<Answer> => {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const onExit = (code: number | null): void => reject(new Error(`a worker ended with ${code} at job ${id}: ${JSON.stringify(job)}`));
  worker.once('exit', onExit);
  worker.once('message', (answer: Answer) => {
    worker.off('exit', onExit);
    resolve(answer);
  });
  worker.send({ id, job });
  return promise;
};
