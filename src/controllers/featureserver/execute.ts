/**
 * Carries a plan out, one write after another.
 *
 * @module
 */
import type { ChildRole } from '../../core/featureserver/observed.ts';
import type { Outcome, WriteFailure } from '../../core/featureserver/outcome.ts';
import type { Action, Plan } from '../../core/featureserver/plan.ts';
import { fieldManagers } from '../../api/names.ts';
import { isApiError } from '../../runtime/ports.ts';
import type { ApiClient, ApiError, KubeObject, Logger, MetricsSink } from '../../runtime/ports.ts';
import { resourceOf } from './children.ts';
import type { Children } from './children.ts';

export interface ExecuteContext {
  readonly client: Pick<ApiClient, 'apply' | 'delete'>;
  readonly children: Children;
  readonly metrics: MetricsSink;
  readonly logger: Logger;
  readonly owner: { namespace: string; name: string; uid: string };
  readonly signal: AbortSignal;
}

/** What came of a plan; `retry` is a failure that another attempt may heal, to be thrown once the status has told of it. */
export interface Executed {
  readonly outcome: Outcome;
  readonly retry: ApiError | undefined;
}

/**
 * Writes what the plan says. A child that is refused is reported in the outcome and the others go on: one full quota or
 * address range must not hold up the rest. A conflict or no answer at all rejects with the `ApiError`, and the queue tries again.
 */
export const execute = async (plan: Plan, context: ExecuteContext): Promise<Executed> => {
  const applied = new Set<ChildRole>();
  const failures: WriteFailure[] = [];
  let retry: ApiError | undefined;
  for (const action of plan.actions) {
    if (failures.some(({ role }) => role === action.role)) continue;
    try {
      await write(action, context);
      applied.add(action.role);
      context.logger.info(action.message, { reason: action.reason });
    } catch (error) {
      const refused = refusal(action, error, context);
      failures.push({ role: action.role, kind: refused.kind, message: refused.message });
      if (!isFinal(refused)) retry = refused;
    }
  }
  const templateApplied = plan.actions.some(({ role, type, ...rest }) => role === 'deployment' && type === 'apply' && 'fieldManager' in rest && rest.fieldManager === fieldManagers.template);
  return { outcome: { applied: [...applied], failures, templateApplied }, retry };
};

const write = async (action: Action, { client, children, metrics, owner, signal }: ExecuteContext): Promise<void> => {
  const type = resourceOf(action.role);
  if (action.type === 'delete') {
    await client.delete(type, { namespace: owner.namespace, name: action.name }, { uid: action.uid, signal });
    children.deleted(action.role, `${owner.namespace}/${action.name}`);
    metrics.increment('plateau_writes_total', { kind: type.kind, manager: fieldManagers.template });
    return;
  }
  const answer: KubeObject = await client.apply(type, action.object, { fieldManager: action.fieldManager, force: true, signal });
  children.wrote(action.role, answer, owner.uid);
  metrics.increment('plateau_writes_total', { kind: type.kind, manager: action.fieldManager });
};

const refusal = (action: Action, error: unknown, { metrics, logger }: ExecuteContext): ApiError => {
  if (!isApiError(error)) throw error;
  metrics.increment('plateau_write_failures_total', { kind: resourceOf(action.role).kind, error: error.kind });
  if (!isFinal(error) && error.kind !== 'Unavailable') throw error;
  logger.warn('a child was refused', { role: action.role, error });
  return error;
};

/** Needs somebody to act. */
const isFinal = (error: ApiError): boolean => error.kind === 'Invalid' || error.kind === 'Forbidden';
