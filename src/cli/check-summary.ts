/**
 * What `plateau check` says of a feature store that can be served.
 *
 * @module
 */
import type { CheckedStore } from '../worker/check.ts';
import { describeStore } from '../worker/store/store-config.ts';

/** Views and services that are named one by one; a longer list helps nobody on a terminal. */
const mostNamed = 20;

/** Lines of text; no secret in them. */
export const summarize = (file: string, { store, registry }: CheckedStore, now: Date): string => {
  const { views, services, versions } = registry.definitions;
  const features = [...views.values()].reduce((sum, view) => sum + view.features.size, 0);
  const refused = [...views.values()].flatMap(({ refusal }) => (refusal === undefined ? [] : [refusal]));
  const lines = [
    `✓ ${file} can be served by the built-in server`,
    `  project   ${store.project}`,
    `  store     ${describeStore(store.store)}`,
    `  registry  ${store.registry.path}, ${ageOf(registry.lastUpdated, now)}${versions === undefined ? '' : ', versioned views'}`,
    `  views     ${listed([...views.keys()])}; ${counted(features, 'feature')}`,
    `  services  ${listed([...services.keys()])}`,
    ...[...store.notes.map((note) => `${file}: ${note}`), ...refused].map((note) => `! ${note}`),
  ];
  return `${lines.join('\n')}\n`;
};

const listed = (names: readonly string[]): string => {
  if (names.length === 0) return 'none';
  const shown = names.slice(0, mostNamed).join(', ');
  return `${names.length}: ${shown}${names.length > mostNamed ? ', …' : ''}`;
};

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** `written 3 hours ago`. */
const ageOf = (lastUpdated: number | undefined, now: Date): string => {
  if (lastUpdated === undefined) return 'of unknown age';
  const seconds = now.getTime() / 1000 - lastUpdated;
  const [unit, size] = units.find(([, size]) => seconds >= size) ?? ['second', 1];
  return `written ${counted(Math.max(0, Math.floor(seconds / size)), unit)} ago`;
};
