/**
 * Kubernetes Events, without floods: a repetition within the window is dropped, and so is what exceeds the rate of one object.
 *
 * @module
 */
import type { ApiClient, Clock, KubeObject, Logger, MetricsSink, Random, ResourceType } from '../runtime/ports.ts';

export interface EventSubject {
  apiVersion: string;
  kind: string;
  namespace: string;
  name: string;
  uid: string;
}

export interface EventText {
  type: 'Normal' | 'Warning';
  /** A constant: `Scaled`, `NameTaken`. */
  reason: string;
  /** What happened and why, in one sentence. */
  message: string;
}

export interface EventRecorderOptions {
  client: Pick<ApiClient, 'create'>;
  /** The events resource (events.k8s.io/v1). */
  type: ResourceType;
  clock: Clock;
  random: Random;
  logger: Logger;
  metrics: MetricsSink;
  /** `reportingController`; the instance is the name of this process. */
  controller: string;
  instance: string;
  fieldManager: string;
  /** Within so many milliseconds the same subject, reason and message is told once. Default 5 min. */
  windowMs?: number;
}

/** Events of one object within one window. */
const mostPerSubject = 25;
/** Keys remembered; the oldest go first. */
const mostKeys = 4096;
/** The API server refuses longer notes (events.k8s.io/v1). */
const longestNote = 1000;

export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #told = new Map<string, number>();
  readonly #counts = new Map<string, { since: number; count: number }>();

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  /** Creates the event unless it is a repetition. Never rejects: an event that cannot be written is logged, the work goes on. */
  async record(subject: EventSubject, text: EventText): Promise<void> {
    const { logger, metrics } = this.#options;
    const dropped = this.#whyDropped(subject, text);
    if (dropped !== undefined) return metrics.increment('plateau_events_dropped_total', { why: dropped });
    try {
      await this.#options.client.create(this.#options.type, this.#event(subject, text), { fieldManager: this.#options.fieldManager });
      metrics.increment('plateau_events_total', { type: text.type, reason: text.reason });
    } catch (error) {
      logger.warn('an event could not be written', { namespace: subject.namespace, name: subject.name, reason: text.reason, error });
    }
  }

  #whyDropped(subject: EventSubject, { reason, message }: EventText): 'repeated' | 'rate' | undefined {
    const now = this.#options.clock.monotonicMs();
    const windowMs = this.#options.windowMs ?? 300_000;
    const key = `${subject.uid} ${reason} ${message}`;
    const last = this.#told.get(key);
    if (last !== undefined && now - last < windowMs) return 'repeated';
    const bucket = this.#counts.get(subject.uid);
    const current = bucket !== undefined && now - bucket.since < windowMs ? bucket : { since: now, count: 0 };
    if (current.count >= mostPerSubject) return 'rate';
    remember(this.#counts, subject.uid, { ...current, count: current.count + 1 });
    remember(this.#told, key, now);
    return undefined;
  }

  #event(subject: EventSubject, { type, reason, message }: EventText): KubeObject {
    const { clock, random, controller, instance } = this.#options;
    const now = new Date(clock.now());
    const suffix = `${now.getTime().toString(16)}${Math.floor(random() * 0x1_0000).toString(16).padStart(4, '0')}`;
    return {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: `${subject.name}.${suffix}`, namespace: subject.namespace },
      // metav1.MicroTime wants six digits; a Date writes three.
      eventTime: now.toISOString().replace('Z', '000Z'),
      reportingController: controller,
      reportingInstance: instance.slice(0, 128),
      action: reason,
      reason,
      regarding: { ...subject },
      note: message.slice(0, longestNote),
      type,
    };
  }
}

/** Bounded: the entry that was written longest ago goes. */
const remember = <V>(map: Map<string, V>, key: string, value: V): void => {
  map.delete(key);
  map.set(key, value);
  if (map.size <= mostKeys) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
};
