/**
 * The plateaus as a picture: throughput, p95 and cores against the size of the pool.
 *
 * @module
 */
import { poolSizes } from './parts/plateau.ts';
import type { PlateauPoint } from './parts/plateau.ts';

/** Okabe and Ito's colours, which colour-blind people can tell apart. */
const colours = ['#0072b2', '#009e73', '#d55e00', '#e69f00', '#cc79a7', '#56b4e9', '#000000', '#8a6d3b'];
const panel = { width: 340, height: 300, left: 56, top: 44, gap: 30 };
const legendWidth = 130;

interface Panel {
  readonly title: string;
  readonly value: (point: PlateauPoint) => number;
  /** Values of the axis' lines; logarithmic, since servers differ by factors. */
  readonly ticks: readonly number[];
}

/** The SVG of all servers' points. */
export const drawPlateaus = (points: readonly PlateauPoint[]): string => {
  const names = [...new Set(points.map(({ server }) => server))];
  const panels: Panel[] = [
    { title: 'answered per second', value: ({ perSecond }) => perSecond, ticks: ticksFor(points.map(({ perSecond }) => perSecond)) },
    { title: 'p95, ms', value: ({ p95Ms }) => p95Ms, ticks: ticksFor(points.map(({ p95Ms }) => p95Ms)) },
    { title: 'cores used', value: ({ cores }) => cores, ticks: [0.1, 0.2, 0.5, 1, 2] },
  ];
  const width = panels.length * (panel.width + panel.gap) + panel.left + legendWidth;
  const height = panel.top + panel.height + 50;
  const drawn = panels.map((each, index) => drawPanel(each, panel.left + index * (panel.width + panel.gap), { points, names }));
  const legend = names.map((name, index) => legendEntry(name, index, panels.length * (panel.width + panel.gap) + panel.left));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    ...drawn, ...legend, '</svg>', '',
  ].join('\n');
};

/** 1, 2, 5, 10, … around all values. */
const ticksFor = (values: readonly number[]): number[] => {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const steps = Array.from({ length: 30 }, (_, index) => ([1, 2, 5][index % 3] ?? 1) * 10 ** (Math.floor(index / 3) - 1));
  const from = steps.findLastIndex((step) => step <= least);
  const to = steps.findIndex((step) => step >= most);
  return steps.slice(Math.max(0, from), to === -1 ? undefined : to + 1);
};

interface Drawing {
  readonly points: readonly PlateauPoint[];
  readonly names: readonly string[];
}

const drawPanel = ({ title, value, ticks }: Panel, left: number, { points, names }: Drawing): string => {
  const [low, high] = [ticks[0] ?? 1, ticks.at(-1) ?? 10];
  const x = (threads: number): number => left + (Math.log2(threads) / Math.log2(poolSizes.at(-1) ?? 32)) * (panel.width - panel.left);
  const y = (amount: number): number => panel.top + panel.height * (1 - Math.log(Math.max(amount, low) / low) / Math.log(high / low));
  const right = left + panel.width - panel.left;
  const grid = ticks.map((tick) => `<line x1="${left}" x2="${right}" y1="${round(y(tick))}" y2="${round(y(tick))}" stroke="#ddd"/><text x="${left - 6}" y="${round(y(tick) + 4)}" text-anchor="end">${tick}</text>`);
  const sizes = poolSizes.map((size) => `<text x="${round(x(size))}" y="${panel.top + panel.height + 18}" text-anchor="middle">${size}</text>`);
  const lines = names.map((name, index) => drawLine(points.filter(({ server }) => server === name).map((point) => [x(point.threads), y(value(point))]), colourOf(index)));
  const caption = `<text x="${left}" y="${panel.top - 16}" font-weight="bold">${title}</text><text x="${(left + right) / 2}" y="${panel.top + panel.height + 38}" text-anchor="middle">threads, or requests in flight</text>`;
  return [...grid, ...sizes, ...lines, caption].join('\n');
};

const drawLine = (places: readonly (readonly [number, number])[], colour: string): string => {
  const path = places.map(([x, y]) => `${round(x)},${round(y)}`).join(' ');
  const dots = places.map(([x, y]) => `<circle cx="${round(x)}" cy="${round(y)}" r="3" fill="${colour}"/>`).join('');
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${dots}`;
};

const legendEntry = (name: string, index: number, left: number): string => {
  const y = panel.top + index * 20;
  return `<rect x="${left}" y="${y - 9}" width="12" height="12" fill="${colourOf(index)}"/><text x="${left + 18}" y="${y + 2}">${name}</text>`;
};

const colourOf = (index: number): string => colours[index % colours.length] ?? '#000000';
const round = (value: number): number => Math.round(value * 10) / 10;
