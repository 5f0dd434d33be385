/**
 * The confusion matrices as a picture: one panel for each split.
 *
 * @module
 */
import type { Confusion } from '../confusion.ts';

const cell = 46;
const panel = { left: 110, top: 96, gap: 60 };
/** Okabe and Ito's blue and vermilion: right and wrong, which colour-blind people can tell apart. */
const colours = { right: '#0072b2', wrong: '#d55e00' };

/** The SVG of named matrices, side by side. */
export const drawConfusions = (panels: readonly { readonly title: string; readonly confusion: Confusion }[]): string => {
  const widths = panels.map(({ confusion }) => panel.left + confusion.classes.length * cell + panel.gap);
  const lefts = widths.map((_, index) => widths.slice(0, index).reduce((sum, width) => sum + width, 0));
  const most = Math.max(1, ...panels.map(({ confusion }) => confusion.classes.length));
  const width = widths.reduce((sum, value) => sum + value, 0);
  const height = panel.top + most * cell + 30;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    ...panels.map(({ title, confusion }, index) => drawPanel(title, confusion, (lefts[index] ?? 0) + panel.left)),
    '</svg>', '',
  ].join('\n');
};

const drawPanel = (title: string, { classes, counts, macroF1 }: Confusion, left: number): string => {
  const caption = `${title}: macro-F1 ${macroF1 === null ? 'unknown' : macroF1.toFixed(2)}`;
  const columns = classes.map((name, index) => `<text x="${left + index * cell + cell / 2}" y="${panel.top - 8}" text-anchor="start" transform="rotate(-40 ${left + index * cell + cell / 2} ${panel.top - 8})">${name}</text>`);
  const rows = classes.map((name, index) => `<text x="${left - 8}" y="${panel.top + index * cell + cell / 2 + 4}" text-anchor="end">${name}</text>`);
  const cells = counts.flatMap((row, y) => {
    const total = row.reduce((sum, value) => sum + value, 0);
    return row.map((value, x) => drawCell({ x: left + x * cell, y: panel.top + y * cell, value, share: total === 0 ? 0 : value / total, isRight: x === y }));
  });
  const axes = `<text x="${left}" y="20" font-weight="bold">${caption}</text><text x="${left - 8}" y="${panel.top - 8}" text-anchor="end" fill="#666">truth</text>`;
  return [axes, ...columns, ...rows, ...cells].join('\n');
};

interface Cell {
  readonly x: number;
  readonly y: number;
  readonly value: number;
  /** Of the runs with this truth. */
  readonly share: number;
  readonly isRight: boolean;
}

const drawCell = ({ x, y, value, share, isRight }: Cell): string => {
  const fill = isRight ? colours.right : colours.wrong;
  const box = `<rect x="${x}" y="${y}" width="${cell}" height="${cell}" fill="${value === 0 ? 'white' : fill}" fill-opacity="${(0.15 + 0.85 * share).toFixed(2)}" stroke="#ddd"/>`;
  return value === 0 ? box : `${box}<text x="${x + cell / 2}" y="${y + cell / 2 + 4}" text-anchor="middle" fill="${share > 0.6 ? 'white' : 'black'}">${value}</text>`;
};
