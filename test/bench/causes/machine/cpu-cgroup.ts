/**
 * A CPU quota for one server of the benchmark.
 *
 * @module
 */
import { messageOf } from '../../../../src/local/error-code.ts';
import { CpuCgroups, requireCpuController } from '../../../../src/local/process/cpu-cgroups.ts';
import { MissingTool } from '../../../../src/local/toolchain/missing-tool.ts';

/** Why no quota can be set here, in a sentence; undefined when one can. */
export const whyNoQuota = async (): Promise<string | undefined> => {
  try {
    await requireCpuController();
    return undefined;
  } catch (error) {
    if (!(error instanceof MissingTool)) throw error;
    return messageOf(error);
  }
};

export interface CpuCgroup {
  /** Words before a command line that run it inside. */
  readonly prefix: readonly string[];
  remove(): Promise<void>;
}

/** Makes a cgroup that may use `cores` of CPU. @throws MissingTool where `whyNoQuota` says so */
export const makeCpuCgroup = async (cores: number): Promise<CpuCgroup> => {
  const cgroups = new CpuCgroups(await requireCpuController());
  return { prefix: cgroups.limited('server', cores, []), remove: () => cgroups.remove() };
};
