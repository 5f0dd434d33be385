/** Runs the programs that kind needs, and says what is missing among them. @module */
import { spawnSync } from 'node:child_process';
import { propertyOf } from '../errors.ts';

interface Prerequisite {
  program: string;
  /** A call that works only when the program does. */
  probe: readonly string[];
  absent: string;
  broken: string;
}

const always: readonly Prerequisite[] = [
  {
    program: 'docker',
    probe: ['info', '--format', '{{.ServerVersion}}'],
    absent: 'Docker is not installed: see https://docs.docker.com/engine/install/',
    broken: 'Docker does not answer: start its daemon, and let your user reach it (docker info must work)',
  },
  {
    program: 'kind',
    probe: ['version'],
    absent: 'kind is not installed: go install sigs.k8s.io/kind@latest, or see https://kind.sigs.k8s.io',
    broken: 'kind does not run: "kind version" must work',
  },
  {
    program: 'kubectl',
    probe: ['version', '--client'],
    absent: 'kubectl is not installed: see https://kubernetes.io/docs/tasks/tools/',
    broken: 'kubectl does not run: "kubectl version --client" must work',
  },
];

const helm: Prerequisite = {
  program: 'helm',
  probe: ['version', '--short'],
  absent: 'Helm is not installed, and charts/plateau needs it: see https://helm.sh/docs/intro/install/',
  broken: 'Helm does not run: "helm version" must work',
};

const problemOf = ({ program, probe, absent, broken }: Prerequisite): string | undefined => {
  const { error, status } = spawnSync(program, [...probe], { stdio: 'ignore' });
  if (error !== undefined) return propertyOf(error, 'code') === 'ENOENT' ? absent : broken;
  return status === 0 ? undefined : broken;
};

/** One sentence for each program that is absent or does not work. */
export const problems = (withHelm: boolean): string[] =>
  [...always, ...(withHelm ? [helm] : [])].map(problemOf).filter((problem) => problem !== undefined);

/** Runs a program with its output on this terminal. @throws when it fails; what it said stands above the message. */
export const run = (program: string, args: readonly string[]): void => {
  const { status } = spawnSync(program, [...args], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`"${[program, ...args].join(' ')}" failed`);
};

/** What a program prints. @throws when it fails. */
export const read = (program: string, args: readonly string[]): string => {
  const { status, stdout } = spawnSync(program, [...args], { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
  if (status !== 0) throw new Error(`"${[program, ...args].join(' ')}" failed`);
  return stdout;
};
