/**
 * Environment variables in a `feature_store.yaml`, as Feast fills them in: `$NAME` and `${NAME}` anywhere in the text, before it is read as YAML.
 *
 * @module
 */

/** As Python's `os.path.expandvars`, which Feast calls: ASCII names; what is not set stays as it is; a value is not looked into again. */
const reference = /\$(?:([A-Za-z0-9_]+)|\{([^}]*)\})/g;

/** Fills the variables in. */
export const expandVariables = (text: string, env: NodeJS.ProcessEnv): string =>
  text.replace(reference, (whole, bare: string | undefined, braced: string | undefined) => env[bare ?? braced ?? ''] ?? whole);

/** Names that a value still holds in the form `${NAME}`: nobody means that literally. */
export const missingVariables = (value: string): string[] => [...value.matchAll(/\$\{([^}]*)\}/g)].map(([, name = '']) => name);
