/**
 * What `kubectl get events` shows.
 *
 * @module
 */
import { at, fieldsOf, textOf, type Fields } from '../json.ts';
import type { Column } from '../kinds/definition.ts';
import { ageOf } from './age.ts';

type Read = (object: Fields, now: number) => unknown;
const text = (name: string, value: Read, priority = 0): Column => ({ name, type: 'string', priority, value });

const firstOf = (...values: readonly unknown[]): unknown => values.find((value) => value !== undefined && value !== null);

const firstSeen: Read = (event, now) => ageOf(firstOf(event['firstTimestamp'], event['eventTime'], at(event, 'metadata', 'creationTimestamp')), now);

const lastSeen: Read = (event, now) => {
  const last = firstOf(at(event, 'series', 'lastObservedTime'), event['lastTimestamp']);
  return last === undefined ? firstSeen(event, now) : ageOf(last, now);
};

const involved = (event: Fields): string => {
  const { kind, name } = fieldsOf(event['involvedObject']);
  return `${textOf(kind).toLowerCase()}/${textOf(name)}`;
};

const source = (event: Fields): string => {
  const { component, host } = fieldsOf(event['source']);
  return [textOf(component) || textOf(event['reportingComponent']), textOf(host)].filter((part) => part !== '').join(', ');
};

export const eventColumns: readonly Column[] = [
  text('Last Seen', lastSeen),
  text('Type', (event) => event['type']),
  text('Reason', (event) => event['reason']),
  text('Object', involved),
  text('Subobject', (event) => textOf(at(event, 'involvedObject', 'fieldPath')), 1),
  text('Source', source, 1),
  text('Message', (event) => textOf(event['message']).trim()),
  text('First Seen', firstSeen, 1),
  text('Count', (event) => firstOf(at(event, 'series', 'count'), event['count'], 1), 1),
  { name: 'Name', type: 'string', format: 'name', priority: 1, value: (event) => at(event, 'metadata', 'name') },
];
