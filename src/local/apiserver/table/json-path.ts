/**
 * The part of JSONPath that printer columns use: `.a.b`, `.list[0].x`, `.list[?(@.type=="Ready")].x`, `.map['a.b']`.
 *
 * @module
 */
import { at, isFields, listOf } from '../json.ts';

type Step = (value: unknown) => unknown;

const member = (name: string): Step => (value) => (isFields(value) ? value[name] : undefined);
const index = (position: number): Step => (value) => listOf(value).at(position);
const filter =
  (path: string, wanted: string): Step =>
  (value) =>
    listOf(value).find((item) => String(at(item, ...path.split('.'))) === wanted);

const token =
  /\.((?:[^.[\]\\]|\\.)+)|\[(-?\d+)\]|\['([^']*)'\]|\[\?\(@\.([\w.]+)\s*==\s*["']([^"']*)["']\)\]/uy;

const stepOf = ([, name, position, quoted, path, wanted]: RegExpExecArray): Step => {
  if (name !== undefined) return member(name.replaceAll(/\\(.)/gu, '$1'));
  if (position !== undefined) return index(Number(position));
  return quoted === undefined ? filter(path ?? '', wanted ?? '') : member(quoted);
};

/** Compiles a path to a function that finds one value or undefined. Throws a sentence when the path is not understood. */
export const compileJsonPath = (path: string): Step => {
  const steps: Step[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < path.length) {
    const at = token.lastIndex;
    const found = token.exec(path);
    if (found === null) throw new Error(`the embedded API server does not understand the JSONPath ${path} from position ${at}`);
    steps.push(stepOf(found));
  }
  return (value) => steps.reduce((here, step) => step(here), value);
};
