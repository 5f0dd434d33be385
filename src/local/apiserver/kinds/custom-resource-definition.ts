import type { KindStrategy } from './definition.ts';
export const customResourceDefinitionStrategy: KindStrategy = { countsGeneration: true };
