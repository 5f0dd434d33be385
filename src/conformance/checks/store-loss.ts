/**
 * The store goes away, or says nothing any more: bounded waits, 503, degraded, and recovery by itself.
 *
 * @module
 */
import type { Check, Problem } from '../check.ts';
import { NotChecked, passUnless } from '../check.ts';
import { describe, headerOf, NoAnswer } from '../http.ts';
import type { Answer } from '../http.ts';
import type { StoreSwitch } from '../server/store-switch.ts';
import type { Session } from '../session.ts';
import { delay, nowMs, until } from '../wait.ts';

/** The page's bounds. */
const answerWithinMs = 10_000;
const servedAgainWithinMs = 15_000;
/** So long the loss may stay unnoticed: requests that were on their way, and a health check that comes now and then. */
const noticedWithinMs = 12_000;
const lostForMs = 2000;
/** A client's patience, longer than the bound: what comes too late is told with its time. */
const patienceMs = 20_000;
const requestsInARow = 12;

const storeCheck = (name: string, title: string, wayToLose: (store: StoreSwitch) => () => Promise<void>): Check => ({
  name,
  title,
  section: 'GET /healthz, GET /readyz',
  run: async (session) => {
    const { store, subject } = session;
    if (store === undefined) throw new NotChecked('it takes the store away: give --store-proxy LISTEN=TARGET and let the server reach its store at LISTEN, or --store-down COMMAND and --store-up COMMAND');
    const lose = wayToLose(store);
    const good = await subject.request();
    if (good.status !== 200) throw new NotChecked(`the server answers ${good.status} while the store is there; see --request-body and --path`);
    const pid = session.started?.pid();
    const problems: Problem[] = [];
    try {
      await lose();
      problems.push(...(await new Watch(session, good).run()));
    } finally {
      await store.up();
    }
    const back = nowMs();
    const again = await until(servedAgainWithinMs, async () => ((await allServed(session)) ? true : undefined), 100);
    if (again === undefined) problems.push({ expected: `within ${servedAgainWithinMs / 1000} s of the store's return requests are answered with 200`, seen: 'not yet' });
    const tookSeconds = ((nowMs() - back) / 1000).toFixed(1);
    if (session.started !== undefined && session.started.pid() !== pid) problems.push({ expected: 'the server goes on without a restart', seen: 'its process has gone' });
    if ((await subject.notReady()) !== undefined) problems.push({ expected: '/readyz says 200 when the store is back', seen: (await subject.notReady()) ?? '' });
    return passUnless(problems, `served again after ${tookSeconds} s`);
  },
});

/** Each process has to find its store again, and each connection may lead to another. */
const allServed = async ({ subject }: Session): Promise<boolean> => {
  for (let count = 0; count < requestsInARow; count += 1) {
    const answer = await subject.request({ timeoutMs: patienceMs }).catch(() => undefined);
    if (answer?.status !== 200) return false;
  }
  return true;
};

/** Asks clients' and operator's questions while the store is lost. */
class Watch {
  readonly #session: Session;
  readonly #good: Answer;
  /** By what was expected: the same difference is told once. */
  readonly #problems = new Map<string, Problem>();
  #refusals = 0;
  #saidDegraded = false;
  #lastReady = '';

  constructor(session: Session, good: Answer) {
    this.#session = session;
    this.#good = good;
  }

  async run(): Promise<Problem[]> {
    const lost = nowMs();
    const isNoticed = (): boolean => this.#refusals > 0 && this.#saidDegraded;
    while (nowMs() - lost < (isNoticed() ? lostForMs : noticedWithinMs)) {
      await this.#askFeatures();
      await this.#askReady();
      await delay(50);
    }
    if (this.#refusals === 0) this.#note('requests are answered 503 while the store is lost', 'none was');
    if (!this.#saidDegraded) this.#note('/readyz says {"status":"degraded"} while the store is lost', this.#lastReady);
    return [...this.#problems.values()];
  }

  #note(expected: string, seen: string): void {
    this.#problems.set(expected, { expected, seen });
  }

  async #askReady(): Promise<void> {
    const ready = await this.#session.subject.admin('/readyz');
    this.#lastReady = describe(ready);
    if (ready.status !== 200) this.#note('/readyz stays 200 while the store is lost', this.#lastReady);
    this.#saidDegraded ||= ready.text.includes('"degraded"');
  }

  async #askFeatures(): Promise<void> {
    const started = nowMs();
    try {
      this.#judge(await this.#session.subject.request({ timeoutMs: patienceMs }));
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      this.#note('each request is answered while the store is lost', error.message);
    }
    const tookMs = nowMs() - started;
    if (tookMs > answerWithinMs) this.#note(`each request is answered within ${answerWithinMs / 1000} s while the store is lost`, `${(tookMs / 1000).toFixed(1)} s`);
  }

  #judge(answer: Answer): void {
    if (answer.status === 503) {
      this.#refusals += 1;
      if (headerOf(answer, 'retry-after') === '') this.#note('the 503 has a Retry-After', 'none');
    } else if (answer.status !== 200) this.#note('requests are answered 503 while the store is lost', describe(answer));
    else if (answer.text !== this.#good.text) this.#note('an answer with 200 is the one that the store would give', describe(answer));
  }
}

export const storeLoss = storeCheck('store-loss', 'without its store the server answers 503 with Retry-After, is degraded and not unready, and recovers by itself', (store) => () => store.down());

export const storeSilence = storeCheck('store-silence', 'with a store that says nothing any more waits are bounded, and the server recovers by itself', ({ silence }) => {
  if (silence === undefined) throw new NotChecked('only a proxy can silence a store: give --store-proxy LISTEN=TARGET');
  return silence;
});
