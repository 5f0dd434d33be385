import type { EngineParts } from '../engine/context.ts';
export const startDefinitionController = (_parts: EngineParts): (() => void) => () => undefined;
