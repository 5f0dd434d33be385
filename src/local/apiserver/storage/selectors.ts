/**
 * Label and field selectors, as they stand in a query.
 *
 * @module
 */
import { at, fieldsOf, scalarText, textOf, type Fields } from '../json.ts';
import { badRequest } from '../status-error.ts';

/** Tells whether an object is selected. */
export type Matcher = (object: Fields) => boolean;

const everything: Matcher = () => true;
const setBased = /^([^\s!=,()]+)\s+(in|notin)\s*\(([^()]*)\)$/u;
const equality = /^([^\s!=,()]+)\s*(==|=|!=)\s*([^\s!=,()]*)$/u;
const existence = /^(!?)\s*([^\s!=,()]+)$/u;

/** Commas inside parentheses belong to a set. */
const splitTerms = (selector: string): readonly string[] =>
  selector
    .split(/,(?![^(]*\))/u)
    .map((term) => term.trim())
    .filter((term) => term !== '');

const labelTerm = (term: string): ((labels: Fields) => boolean) => {
  const set = setBased.exec(term);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const values = new Set(list.split(',').map((value) => value.trim()));
    return operator === 'in'
      ? (labels) => Object.hasOwn(labels, key) && values.has(textOf(labels[key]))
      : (labels) => !Object.hasOwn(labels, key) || !values.has(textOf(labels[key]));
  }
  const equal = equality.exec(term);
  if (equal !== null) {
    const [, key = '', operator, value] = equal;
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const exists = existence.exec(term);
  if (exists === null) throw badRequest(`unable to parse requirement: "${term}" is not a label selector`);
  const [, not, key = ''] = exists;
  return (labels) => Object.hasOwn(labels, key) === (not === '');
};

/**
 * Matcher of a label selector such as `a=b,c in (d,e),!f`; the empty one selects everything.
 *
 * @throws StatusError 400 when it cannot be parsed.
 */
export const labelMatcher = (selector: string | undefined): Matcher => {
  if (selector === undefined || selector === '') return everything;
  const terms = splitTerms(selector).map(labelTerm);
  return (object) => {
    const labels = fieldsOf(at(object, 'metadata', 'labels'));
    return terms.every((matches) => matches(labels));
  };
};

/**
 * Matcher of a field selector such as `metadata.name=a,status.phase!=Running`.
 *
 * @throws StatusError 400 when it cannot be parsed or names a field that the kind does not select by.
 */
export const fieldMatcher = (selector: string | undefined, selectable: readonly string[]): Matcher => {
  if (selector === undefined || selector === '') return everything;
  const terms = selector
    .split(',')
    .filter((term) => term !== '')
    .map((term) => {
      const parsed = /^([^!=]+)(==|=|!=)(.*)$/u.exec(term);
      if (parsed === null) throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
      const [, path = '', operator, value] = parsed;
      if (!selectable.includes(path)) throw badRequest(`field label not supported: ${path}`);
      const names = path.split('.');
      return (object: Fields) => (scalarText(at(object, ...names)) === value) === (operator !== '!=');
    });
  return (object) => terms.every((matches) => matches(object));
};
