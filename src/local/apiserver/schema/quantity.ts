/**
 * Kubernetes quantities (`500m`, `1.5Gi`).
 *
 * @module
 */
const decimal: Readonly<Record<string, number>> = { n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 };
const binary: Readonly<Record<string, number>> = {
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};
const form = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([KMGTPE]i|[numkMGTPE])|[eE]([+-]?\d+))?$/u;

/** The number a quantity stands for, in base units; undefined when the text is none. */
export const parseQuantity = (text: string): number | undefined => {
  const match = form.exec(text);
  if (match === null) return undefined;
  const [, number = '', suffix = '', exponent] = match;
  if (exponent !== undefined) return Number(`${number}e${exponent}`);
  return Number(number) * (binary[suffix] ?? decimal[suffix] ?? 1);
};
