/**
 * Request bodies in the shapes of Feast's own online-serving benchmarks: N entities by M features.
 *
 * @module
 */
import type { Random } from '../../runtime/ports.ts';

/** A mix of shapes with their shares, such as `{'1x50': 0.8, '10x50': 0.2}`. */
export type ShapeMix = Readonly<Record<string, number>>;

export const defaultMix: ShapeMix = { '1x50': 1 };

/** Entities that the synthetic features cover: 0 to this, exclusive; the benchmarks draw from the same range. */
export const entityCount = 2000;
const featuresPerView = 10;
const variantsPerShape = 64;
const shape = /^([1-9][0-9]{0,3})x([1-9][0-9]{0,3})$/u;

/** Thrown for a shape or a mix that cannot be; the message says how to write one. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/** Rows and columns of a shape such as `10x50`. */
const parseShape = (text: string): { entities: number; features: number } => {
  const [, entities, features] = shape.exec(text) ?? [];
  if (entities === undefined || features === undefined) throw new ShapeError(`"${text}" is not a shape; write entities x features, like 1x50`);
  return { entities: Number(entities), features: Number(features) };
};

/** Reads a mix written as `1x50` or `1x50:0.8,10x50:0.2`; shares need not add up to one. */
export const parseMix = (text: string): ShapeMix => {
  const mix: Record<string, number> = {};
  for (const part of text.split(',')) {
    const [name = '', share = '1'] = part.trim().split(':');
    parseShape(name);
    const weight = Number(share);
    if (!(weight > 0) || !Number.isFinite(weight)) throw new ShapeError(`"${part}" has no positive share; write like 1x50:0.8`);
    mix[name] = weight;
  }
  return mix;
};

/** The body of one request: feature j lives in view floor(j / 10), as in the benchmarks. */
const buildBody = (text: string, random: Random): string => {
  const { entities, features } = parseShape(text);
  return JSON.stringify({
    features: Array.from({ length: features }, (_, index) => `feature_view_${Math.floor(index / featuresPerView)}:feature_${index}`),
    entities: { entity: Array.from({ length: entities }, () => Math.floor(random() * entityCount)) },
  });
};

/** Draws ready-made bodies of a mix: building JSON for each request would cost the generator its accuracy. */
export class BodySource {
  readonly #random: Random;
  readonly #choices: { readonly below: number; readonly bodies: readonly Buffer[] }[] = [];

  constructor(mix: ShapeMix, random: Random) {
    this.#random = random;
    const total = Object.values(mix).reduce((sum, share) => sum + share, 0);
    let below = 0;
    for (const [name, share] of Object.entries(mix)) {
      below += share / total;
      const bodies = Array.from({ length: variantsPerShape }, () => Buffer.from(buildBody(name, random)));
      this.#choices.push({ below, bodies });
    }
  }

  next(): Buffer {
    const draw = this.#random();
    const choice = this.#choices.find(({ below }) => draw < below) ?? this.#choices.at(-1);
    const bodies = choice?.bodies ?? [];
    return bodies[Math.floor(this.#random() * bodies.length)] ?? Buffer.alloc(0);
  }
}
