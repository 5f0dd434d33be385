/**
 * Failed requests, in the shape of Kubernetes' Status object.
 *
 * @module
 */
import { ApiError, type ApiErrorKind, type ResourceType } from '../../runtime/ports.ts';

/** One reason why an object was refused; kubectl prints `field: message`. */
export interface Cause {
  readonly field: string;
  readonly message: string;
  readonly reason:
    | 'FieldValueInvalid'
    | 'FieldValueRequired'
    | 'FieldValueNotSupported'
    | 'FieldValueForbidden'
    | 'FieldValueDuplicate'
    | 'FieldValueTypeInvalid'
    | 'FieldManagerConflict';
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: readonly Cause[];
  retryAfterSeconds?: number;
}

/** A refused request: HTTP code, machine-readable reason, sentence. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly code: number;
  readonly reason: string;
  readonly details: StatusDetails;

  constructor(code: number, reason: string, message: string, details: StatusDetails = {}) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  /** The body of the answer. */
  toStatus(): Record<string, unknown> {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      reason: this.reason,
      details: this.details,
      code: this.code,
    };
  }
}

const resourceName = ({ plural, group }: ResourceType): string => (group === '' ? plural : `${plural}.${group}`);
const kindName = ({ kind, group }: ResourceType): string => (group === '' ? kind : `${kind}.${group}`);
const detailsOf = (type: ResourceType, name: string): StatusDetails => ({
  ...(name === '' ? {} : { name }),
  ...(type.group === '' ? {} : { group: type.group }),
  kind: type.plural,
});

export const notFound = (type: ResourceType, name: string): StatusError =>
  new StatusError(404, 'NotFound', `${resourceName(type)} "${name}" not found`, detailsOf(type, name));

export const alreadyExists = (type: ResourceType, name: string): StatusError =>
  new StatusError(409, 'AlreadyExists', `${resourceName(type)} "${name}" already exists`, detailsOf(type, name));

export const conflict = (type: ResourceType, name: string, why: string): StatusError =>
  new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${resourceName(type)} "${name}": ${why}`,
    detailsOf(type, name),
  );

/** The object was changed between the read that the writer decided on and this write. */
export const staleWrite = (type: ResourceType, name: string): StatusError =>
  conflict(type, name, 'the object has been modified; please apply your changes to the latest version and try again');

/** Server-side apply met fields that other managers own. */
export const applyConflict = (causes: readonly Cause[]): StatusError => {
  const [first] = causes;
  if (first !== undefined && causes.length === 1) {
    return new StatusError(409, 'Conflict', `Apply failed with 1 conflict: ${first.message}: ${first.field}`, { causes });
  }
  const byManager = Map.groupBy(causes, (cause) => cause.message.replace(/^conflict /u, 'conflicts '));
  const lines = [...byManager].flatMap(([manager, own]) => [`${manager}:`, ...own.map(({ field }) => `- ${field}`)]);
  return new StatusError(409, 'Conflict', `Apply failed with ${causes.length} conflicts: ${lines.join('\n')}`, { causes });
};

/** The object breaks its schema or a rule. */
export const invalid = (type: ResourceType, name: string, causes: readonly Cause[]): StatusError => {
  const sentences = causes.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`));
  const text = sentences.length === 1 ? sentences[0] : `[${sentences.join(', ')}]`;
  return new StatusError(422, 'Invalid', `${kindName(type)} "${name}" is invalid: ${text}`, {
    ...(name === '' ? {} : { name }),
    ...(type.group === '' ? {} : { group: type.group }),
    kind: type.kind,
    causes,
  });
};

export const badRequest = (message: string): StatusError => new StatusError(400, 'BadRequest', message);

export const expired = (message: string): StatusError => new StatusError(410, 'Expired', message);

export const unsupportedMediaType = (given: string, accepted: readonly string[]): StatusError =>
  new StatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format (${given}) - accepted media types include: ${accepted.join(', ')}`,
  );

export const methodNotAllowed = (what: string): StatusError =>
  new StatusError(405, 'MethodNotAllowed', `${what} is not supported by the embedded API server; use a real cluster for it`);

const kindOfCode: Readonly<Record<number, ApiErrorKind>> = {
  400: 'Invalid',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'Invalid',
  409: 'Conflict',
  410: 'Gone',
  413: 'Invalid',
  415: 'Invalid',
  422: 'Invalid',
  429: 'TooManyRequests',
};

/** The same failure as the runtime's port names it. */
export const toApiError = (error: StatusError): ApiError => {
  const kind = error.reason === 'AlreadyExists' ? 'AlreadyExists' : (kindOfCode[error.code] ?? 'Unavailable');
  return new ApiError(kind, error.message, { status: error.code, reason: error.reason, cause: error });
};
