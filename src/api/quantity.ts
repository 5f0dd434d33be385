/**
 * Kubernetes quantities (`500m`, `1.5Gi`, `1e3`), as resources are written.
 *
 * @module
 */

/** What the API server accepts as a quantity, less the sign: no resource of ours can be negative. RE2-compatible: it goes into the CRD. */
export const quantityPattern = '^([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$';
const whole = new RegExp(quantityPattern, 'u');

const factors: Readonly<Record<string, number>> = {
  n: 1e-9, u: 1e-6, m: 1e-3,
  k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18,
  Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60,
};

const scaled = (number: string, suffix: string): number =>
  /^[eE][+-]?[0-9]/u.test(suffix) ? Number(number + suffix) : Number(number) * (factors[suffix] ?? 1);

/**
 * The number that a quantity stands for, in base units: cores for `cpu`, bytes for `memory`. Undefined when it is none.
 * A number passes as it is, since YAML reads `cpu: 2` as one.
 */
export const parseQuantity = (quantity: unknown): number | undefined => {
  const text = typeof quantity === 'number' ? String(quantity) : quantity;
  if (typeof text !== 'string') return undefined;
  const [, number, , suffix = ''] = whole.exec(text) ?? [];
  if (number === undefined) return undefined;
  const value = scaled(number, suffix);
  return Number.isFinite(value) ? value : undefined;
};
