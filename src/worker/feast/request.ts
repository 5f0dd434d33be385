/**
 * From the bytes of `POST /get-online-features` to a checked request, or to the refusal that Feast would send.
 *
 * @module
 */
import { parseExactJson, WholeFloat } from './exact-json.ts';
import { findJsonError } from './json-error.ts';
import { invalid } from './refusal.ts';
import type { ValidationProblem } from './refusal.ts';

/** The fields of Feast's `GetOnlineFeaturesRequest` that matter here. Unknown fields are ignored, as Feast ignores them. */
export interface FeatureRequest {
  features: string[];
  featureService: string | undefined;
  fullFeatureNames: boolean;
  entities: Map<string, unknown[]>;
}

/**
 * Checks by hand and not by zod: this runs for each request, and the messages must be pydantic's.
 * @param body the whole body
 * @param contentType the header; without a JSON one FastAPI reads the body as a string and refuses it
 * @throws Refusal 422
 */
export function readFeatureRequest(body: Buffer, contentType: string | undefined): FeatureRequest {
  const text = body.toString('utf8', hasMark(body) ? markLength : 0);
  const input = isJsonType(contentType) ? parseBody(text) : emptyOr(text);
  if (input === undefined) throw invalid([{ type: 'missing', loc: ['body'], msg: 'Field required', input: null }]);
  if (!isRecord(input)) {
    const msg = 'Input should be a valid dictionary or object to extract fields from';
    throw invalid([{ type: 'model_attributes_type', loc: ['body'], msg, input }]);
  }
  return checkFields(input);
}

const markLength = 3;

/** Python steps over a byte-order mark. */
function hasMark(body: Buffer): boolean {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
}

/** A body can hold millions of mistakes, each worth an entry of 100 bytes; the first ones tell enough. */
const mostProblems = 100;

function checkFields(input: Record<string, unknown>): FeatureRequest {
  const problems: ValidationProblem[] = [];
  const entities = readEntities(input, problems);
  const featureService = readService(input['feature_service'], problems);
  const features = readFeatures(input['features'], problems);
  const fullFeatureNames = readBoolean('full_feature_names', input['full_feature_names'], problems);
  readBoolean('include_feature_view_version_metadata', input['include_feature_view_version_metadata'], problems);
  if (problems.length > 0) throw invalid(problems);
  return { features, featureService, fullFeatureNames, entities };
}

function isJsonType(contentType: string | undefined): boolean {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return type === 'application/json' || /^application\/.+\+json$/.test(type);
}

function emptyOr(text: string): string | undefined {
  return text === '' ? undefined : text;
}

function parseBody(text: string): unknown {
  if (text === '') return undefined;
  try {
    return parseExactJson(text);
  } catch {
    const error = findJsonError(text) ?? { position: 0, message: 'Expecting value' };
    throw invalid([
      { type: 'json_invalid', loc: ['body', error.position], msg: 'JSON decode error', input: {}, ctx: { error: error.message } },
    ]);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof WholeFloat);
}

function readEntities(input: Record<string, unknown>, problems: ValidationProblem[]): Map<string, unknown[]> {
  const found = new Map<string, unknown[]>();
  const entities = input['entities'];
  if (entities === undefined) {
    problems.push({ type: 'missing', loc: ['body', 'entities'], msg: 'Field required', input });
    return found;
  }
  if (!isRecord(entities)) {
    problems.push({ type: 'dict_type', loc: ['body', 'entities'], msg: 'Input should be a valid dictionary', input: entities });
    return found;
  }
  for (const [joinKey, values] of Object.entries(entities)) {
    if (Array.isArray(values)) found.set(joinKey, values);
    else if (problems.length < mostProblems) problems.push({ type: 'list_type', loc: ['body', 'entities', joinKey], msg: 'Input should be a valid list', input: values });
  }
  return found;
}

function readService(value: unknown, problems: ValidationProblem[]): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  problems.push({ type: 'string_type', loc: ['body', 'feature_service'], msg: 'Input should be a valid string', input: value });
  return undefined;
}

function readFeatures(value: unknown, problems: ValidationProblem[]): string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    problems.push({ type: 'list_type', loc: ['body', 'features'], msg: 'Input should be a valid list', input: value });
    return [];
  }
  const features: string[] = [];
  for (const [index, feature] of value.entries()) {
    if (typeof feature === 'string') features.push(feature);
    else if (problems.length < mostProblems) problems.push({ type: 'string_type', loc: ['body', 'features', index], msg: 'Input should be a valid string', input: feature });
  }
  return features;
}

const truths = new Map<unknown, boolean>([
  [true, true], [1, true], ['1', true], ['true', true], ['t', true], ['yes', true], ['y', true], ['on', true],
  [false, false], [0, false], ['0', false], ['false', false], ['f', false], ['no', false], ['n', false], ['off', false],
]);

function readBoolean(name: string, value: unknown, problems: ValidationProblem[]): boolean {
  if (value === undefined) return false;
  const plain = value instanceof WholeFloat ? value.value : value;
  const truth = truths.get(typeof plain === 'string' ? plain.toLowerCase() : plain);
  if (truth !== undefined) return truth;
  const parsing = typeof plain === 'string' || typeof plain === 'number';
  const msg = parsing ? 'Input should be a valid boolean, unable to interpret input' : 'Input should be a valid boolean';
  problems.push({ type: parsing ? 'bool_parsing' : 'bool_type', loc: ['body', name], msg, input: value });
  return false;
}
