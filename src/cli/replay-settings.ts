/**
 * `--set scaling.replicas.max=20`: fields of a FeatureServer's spec that the control law reads, under the rules of the CRD.
 *
 * @module
 */
import * as z from 'zod';
import { celRules, checkedBy } from '../api/cel-rules.ts';
import { durationMs, durationText } from '../api/duration.ts';
import { featureServerSpecSchema } from '../api/featureserver.ts';
import type { AutoscaleSpec } from '../core/autoscale/types.ts';
import { problemsOf } from '../core/decisions/problems.ts';
import { isFields } from '../local/apiserver/json.ts';
import { checkRules } from '../local/apiserver/schema/rules.ts';
import { structuralSchema } from '../local/apiserver/schema/schema.ts';
import { UsageError } from './flag-table.ts';
import { suggest } from './suggest.ts';

/** Where the law keeps a field of the spec; durations as milliseconds. */
const places: Readonly<Record<string, { at: readonly [string, string?]; isDuration?: true }>> = {
  'objective.p95': { at: ['objectiveMs'], isDuration: true },
  'pool.threads.min': { at: ['threads', 'min'] },
  'pool.threads.max': { at: ['threads', 'max'] },
  'pool.threads.initial': { at: ['threads', 'initial'] },
  'pool.processes.min': { at: ['processes', 'min'] },
  'pool.processes.max': { at: ['processes', 'max'] },
  'pool.warmUp': { at: ['warmUpMs'], isDuration: true },
  'scaling.mode': { at: ['mode'] },
  'scaling.replicas.min': { at: ['replicas', 'min'] },
  'scaling.replicas.max': { at: ['replicas', 'max'] },
  'scaling.maxConcurrency': { at: ['maxConcurrency'] },
  'scaling.scaleUp.maxPods': { at: ['scaleUp', 'maxPods'] },
  'scaling.scaleUp.maxPercent': { at: ['scaleUp', 'maxPercent'] },
  'scaling.scaleUp.period': { at: ['scaleUp', 'periodMs'], isDuration: true },
  'scaling.scaleDown.enabled': { at: ['scaleDown', 'enabled'] },
  'scaling.scaleDown.stabilization': { at: ['scaleDown', 'stabilizationMs'], isDuration: true },
  'scaling.scaleDown.maxPercentPerMinute': { at: ['scaleDown', 'maxPercentPerMinute'] },
  'scaling.evaluation.period': { at: ['evaluation', 'periodMs'], isDuration: true },
  'scaling.evaluation.window': { at: ['evaluation', 'windowMs'], isDuration: true },
};

const { objective, pool, scaling } = featureServerSpecSchema.shape;
const fragmentSchema = z.object({ objective, pool, scaling }).meta(checkedBy(celRules.maxConcurrency));

/** A path and a value, as the spec would hold it. */
interface Setting {
  path: string;
  value: unknown;
}

type Tree = Record<string, unknown>;

/** The tree with a leaf put into it. */
const put = (tree: Tree, [name = '', ...rest]: readonly string[], value: unknown): Tree => {
  const inner = tree[name];
  return { ...tree, [name]: rest.length === 0 ? value : put(isFields(inner) ? inner : {}, rest, value) };
};

const get = (tree: unknown, path: readonly string[]): unknown => path.reduce<unknown>((value, name) => (isFields(value) ? value[name] : undefined), tree);

/** The part of a spec that the law knows, in the words of the spec. */
const fragmentOf = (spec: AutoscaleSpec): Tree =>
  Object.entries(places).reduce<Tree>((tree, [path, { at, isDuration }]) => {
    const value = get(spec, at.filter((name) => name !== undefined));
    return value === null || value === undefined ? tree : put(tree, path.split('.'), isDuration ? durationText(Number(value)) : value);
  }, {});

const ruleSchema = structuralSchema({ ...z.toJSONSchema(fragmentSchema, { target: 'openapi-3.0', io: 'input', reused: 'inline' }) });

interface Problem {
  field: string;
  text: string;
}

const problemsOfFragment = (fragment: Tree): Problem[] => {
  const parsed = fragmentSchema.safeParse(fragment);
  if (!parsed.success) return parsed.error.issues.map((issue) => ({ field: issue.path.join('.'), text: problemsOf(new z.ZodError([{ ...issue, path: [] }])) }));
  return checkRules(ruleSchema, fragment, undefined).map(({ field, message }) => ({ field, text: message.replace(/^Invalid value: "[a-z]*": /u, '') }));
};

const valueOf = (text: string, isDuration: boolean): unknown => {
  if (isDuration) return text;
  if (/^-?\d+(\.\d+)?$/u.test(text)) return Number(text);
  return text === 'true' || text === 'false' ? text === 'true' : text;
};

const nearest = (path: string): string => {
  const paths = Object.keys(places);
  const endings = path === '' ? [] : paths.filter((known) => known.endsWith(`.${path}`));
  if (endings.length > 0) return `; did you mean ${endings.join(' or ')}?`;
  const near = suggest(path, paths);
  return near === undefined ? `; the law reads ${paths.join(', ')}` : `; did you mean ${near}?`;
};

const readSetting = (text: string): Setting => {
  const [name = '', value] = text.split(/=(.*)/su);
  const path = name.trim().replace(/^spec\./u, '');
  if (value === undefined) throw new UsageError(`--set ${text}: write PATH=VALUE, such as scaling.replicas.max=20`);
  if (!Object.hasOwn(places, path)) throw new UsageError(`--set ${text}: "${path}" is no field that the control law reads${nearest(path)}`);
  return { path, value: valueOf(value.trim(), places[path]?.isDuration === true) };
};

const withSettings = (fragment: Tree, settings: readonly Setting[]): Tree => settings.reduce((tree, { path, value }) => put(tree, path.split('.'), value), fragment);

/** Changes a spec; throws a UsageError when the changed one would break a rule of the CRD. */
export type Change = (spec: AutoscaleSpec) => AutoscaleSpec;

/** Reads `PATH=VALUE` texts. @throws UsageError for an unknown path, a value of the wrong kind or out of bounds */
export const readSettings = (texts: readonly string[]): Change => {
  const settings = texts.map(readSetting);
  const alone = problemsOfFragment(withSettings({ objective: { p95: '1s' } }, settings));
  // Rules about several fields are asked with the values of each record beside.
  const own = alone.filter(({ field }) => settings.some(({ path }) => path === field));
  const given = (field: string): string => String(settings.findLast(({ path }) => path === field)?.value);
  if (own.length > 0) throw new UsageError(own.map(({ field, text }) => `--set ${field}=${given(field)}: ${text}`).join('\n'));
  return (spec) => changed(spec, settings);
};

const besideRecorded = ({ field, text }: Problem, recorded: Tree): string => {
  const value = get(recorded, field.split('.'));
  return value === undefined ? text : `${text}; recorded ${field}: ${JSON.stringify(value)}`;
};

const changed = (spec: AutoscaleSpec, settings: readonly Setting[]): AutoscaleSpec => {
  const recorded = fragmentOf(spec);
  const problems = problemsOfFragment(withSettings(recorded, settings));
  if (problems.length > 0) throw new UsageError(`the settings do not fit the recorded spec: ${problems.map((problem) => besideRecorded(problem, recorded)).join('; ')}`);
  return settings.reduce((result, { path, value }) => {
    const place = places[path];
    if (place === undefined) return result;
    const [first, second] = place.at;
    const own = place.isDuration ? durationMs(String(value)) : value;
    return { ...result, [first]: second === undefined ? own : { ...Object(get(result, [first])), [second]: own } };
  }, spec);
};
