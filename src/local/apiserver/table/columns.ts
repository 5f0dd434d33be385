import type { Column } from '../kinds/definition.ts';
export const columnsOf = (_kind: string): readonly Column[] => [];
