/** The arguments of `node hack/kind/up.ts`. @module */
import { parseArgs } from 'node:util';
import { messageOf } from '../errors.ts';

export const usage = `usage: node hack/kind/up.ts [--name NAME] [--config FILE]
  --name NAME    name of the kind cluster (default: plateau); kubectl's context is then kind-NAME
  --config FILE  a kind configuration, for instance for several nodes`;

export interface Options {
  help: boolean;
  name: string;
  config?: string;
}

/** Reads the arguments. @throws with one sentence and the usage when they make no sense. */
export const parseOptions = (argv: readonly string[]): Options => {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { name: { type: 'string', default: 'plateau' }, config: { type: 'string' }, help: { type: 'boolean', default: false } },
    });
    if (!/^[a-z0-9][a-z0-9.-]*$/.test(values.name)) throw new Error(`--name ${values.name}: kind takes lower-case letters, digits, "." and "-"`);
    return { name: values.name, help: values.help, ...(values.config === undefined ? {} : { config: values.config }) };
  } catch (error) {
    throw new Error(`${messageOf(error)}\n${usage}`, { cause: error });
  }
};
