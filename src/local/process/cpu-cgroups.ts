/**
 * CPU limits that hold: a cgroup for each pod, version 1 or 2, made for one run and removed at its end.
 *
 * @module
 */
import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from '../error-code.ts';
import { MissingTool } from '../toolchain/missing-tool.ts';
import { runTool } from '../toolchain/run-tool.ts';

/** The kernel's usual period, microseconds. */
const periodMicros = 100_000;
/** A cgroup can go once the kernel has let its last process go, ms. */
const removeWithinMs = 5_000;

interface Controller {
  /** Where cgroups are made, and where a container sees its own. */
  readonly mount: string;
  readonly version: 1 | 2;
}

/** The CPU controller under `root`; undefined where there is none. */
export const findCpuController = (root = '/sys/fs/cgroup'): Controller | undefined => {
  if (existsSync(join(root, 'cgroup.controllers'))) return { mount: root, version: 2 };
  const mount = ['cpu', 'cpu,cpuacct'].map((name) => join(root, name)).find((folder) => existsSync(join(folder, 'cgroup.procs')));
  return mount === undefined ? undefined : { mount, version: 1 };
};

const isWritable = (path: string): boolean => {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
};

/** @throws MissingTool that says why no CPU limit can be set here, and what to do */
export const requireCpuController = async (): Promise<Controller> => {
  if (process.getuid?.() !== 0) throw new MissingTool('a CPU limit is a cgroup, which only root can make; run it as root');
  const controller = findCpuController();
  if (controller === undefined) throw new MissingTool('there is no CPU controller under /sys/fs/cgroup; mount the cgroup file system (Linux only)');
  if (!isWritable(controller.mount)) throw new MissingTool(`${controller.mount} cannot be written, so no CPU limit can be set; run it where cgroups can be made`);
  const runs = await runTool('unshare', ['--mount', 'true']).then(() => true, () => false);
  if (!runs) throw new MissingTool('a pod sees its own cgroup in a mount namespace, and "unshare --mount" does not run here; install util-linux, or run it with CAP_SYS_ADMIN');
  return controller;
};

/** The files that limit a cgroup to so many cores. */
export const quotaFiles = (version: 1 | 2, cores: number): readonly (readonly [name: string, content: string])[] => {
  const quota = Math.max(1_000, Math.round(cores * periodMicros));
  return version === 2
    ? [['cpu.max', `${quota} ${periodMicros}`]]
    : [['cpu.cfs_period_us', String(periodMicros)], ['cpu.cfs_quota_us', String(quota)]];
};

/** In a mount namespace of its own, a program finds its cgroup where a container would: at the root of the controller. */
const enter = 'echo $$ > "$1/cgroup.procs" && mount --bind "$1" "$2" && shift 2 && exec "$@"';

const prefix = 'plateau-local-';

/** Of the names of cgroups, those of runs whose process is gone. */
export const abandoned = (names: readonly string[], alive: (pid: number) => boolean): string[] =>
  names.filter((name) => {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length)) : Number.NaN;
    return Number.isInteger(pid) && pid > 0 && !alive(pid);
  });

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);

const foldersIn = (folder: string): string[] => readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));

const removeAtOnce = (folder: string): void => {
  try {
    for (const inside of foldersIn(folder)) rmdirSync(inside);
    rmdirSync(folder);
  } catch {
    // Somebody is in it, or has removed it: it is in nobody's way.
  }
};

/** The cgroups of one run. */
export class CpuCgroups {
  readonly #controller: Controller;
  readonly #folder: string;

  /** Removes also those of runs that were killed before they could. */
  constructor(controller: Controller) {
    this.#controller = controller;
    this.#folder = join(controller.mount, `${prefix}${process.pid}`);
    for (const name of abandoned(readdirSync(controller.mount), isAlive)) removeAtOnce(join(controller.mount, name));
    if (controller.version === 2) writeFileSync(join(controller.mount, 'cgroup.subtree_control'), '+cpu');
    mkdirSync(this.#folder, { recursive: true });
    if (controller.version === 2) writeFileSync(join(this.#folder, 'cgroup.subtree_control'), '+cpu');
  }

  /** Command line that runs `argv` in the cgroup `name`, which may use `cores`. */
  limited(name: string, cores: number, argv: readonly string[]): string[] {
    const folder = join(this.#folder, name);
    mkdirSync(folder, { recursive: true });
    for (const [file, content] of quotaFiles(this.#controller.version, cores)) writeFileSync(join(folder, file), content);
    return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', enter, 'cgroup', folder, this.#controller.mount, ...argv];
  }

  /** To be called when the programs have ended. */
  async remove(): Promise<void> {
    for (const inside of foldersIn(this.#folder)) await removeFolder(inside);
    await removeFolder(this.#folder);
  }
}

const removeFolder = async (folder: string): Promise<void> => {
  for (const began = performance.now(); ; await delay(50)) {
    try {
      rmdirSync(folder);
      return;
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return;
      if (performance.now() - began > removeWithinMs) throw error;
    }
  }
};
