/**
 * Numbers as evidence and advice say them.
 *
 * @module
 */
import { significant } from '../numbers.ts';

export const percent = (share: number): string => `${Math.round(100 * share)} %`;
export const cores = (value: number): string => `${significant(value, 2)} core`;
export const ms = (seconds: number): string => `${significant(1000 * seconds, 3)} ms`;
