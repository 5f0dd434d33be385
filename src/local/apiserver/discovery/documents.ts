import type { EngineParts } from '../engine/context.ts';
import type { Answer } from '../http/respond.ts';
export const answerDocument = (_parts: EngineParts, _path: string, _accept: string): Answer | undefined => undefined;
