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

/**
 * Writes what the plan says. A child that is refused for good (Invalid, Forbidden) is reported in the outcome and the others
 * go on; everything else (a conflict, no answer) rejects with the `ApiError`, and the queue tries again.
 */
export const execute = async (plan: Plan, context: ExecuteContext): Promise<Outcome> => {
  const applied = new Set<ChildRole>();
  const failures: WriteFailure[] = [];
  for (const action of plan.actions) {
    if (failures.some(({ role }) => role === action.role)) continue;
    try {
      await write(action, context);
      applied.add(action.role);
      context.logger.info(action.message, { reason: action.reason });
    } catch (error) {
      failures.push(refusal(action, error, context));
    }
  }
  const templateApplied = plan.actions.some(({ role, type, ...rest }) => role === 'deployment' && type === 'apply' && 'fieldManager' in rest && rest.fieldManager === fieldManagers.template);
  return { applied: [...applied], failures, templateApplied };
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

const refusal = (action: Action, error: unknown, { metrics, logger }: ExecuteContext): WriteFailure => {
  if (!isApiError(error)) throw error;
  metrics.increment('plateau_write_failures_total', { kind: resourceOf(action.role).kind, error: error.kind });
  if (!isFinal(error)) throw error;
  logger.warn('a child was refused', { role: action.role, error });
  return { role: action.role, kind: error.kind, message: error.message };
};

const isFinal = (error: ApiError): boolean => error.kind === 'Invalid' || error.kind === 'Forbidden';
