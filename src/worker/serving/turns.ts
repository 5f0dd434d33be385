/**
 * Runs CPU work one job per turn of the event loop, and knows from that when a request must have arrived.
 *
 * An event loop that works off everything it has read before it looks again does not see its own queue: requests wait in
 * kernel buffers, and a latency measured from the moment they are read is too short by that wait. Here the loop polls
 * between any two jobs, so requests are read (and their wait counted) while others are still to be worked on; what remains
 * hidden is at most the one job that ran meanwhile, and of that the middle is taken.
 *
 * @module
 */
type Job = () => void;

export class Turns {
  private jobs: Job[] = [];
  private head = 0;
  private scheduled = false;
  /** Whether the loop polls without blocking in this turn, since jobs are left over from the last one. */
  private busy = false;
  private firstRead: number | undefined;
  private lastPoll = 0;
  private count = 0;
  private readonly now: () => number;

  /** @param now monotonic milliseconds */
  constructor(now: () => number) {
    this.now = now;
  }

  /** Number of the present turn; turns without work are not counted. */
  get turn(): number {
    return this.count;
  }

  /** Runs a job in a later turn, after those that were given before. */
  run(job: Job): void {
    this.jobs.push(job);
    this.schedule();
  }

  /**
   * When what is being read in this turn became readable, as well as can be known; call it from a socket's callback.
   * @returns milliseconds of the clock
   */
  arrivedAt(): number {
    this.firstRead ??= this.now();
    this.schedule();
    // An idle loop sleeps in the poll and wakes at the arrival itself. A busy one looked last at `lastPoll`.
    return this.busy ? (this.lastPoll + this.firstRead) / 2 : this.firstRead;
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(this.endTurn);
  }

  private readonly endTurn = (): void => {
    this.scheduled = false;
    this.lastPoll = this.firstRead ?? this.now();
    this.firstRead = undefined;
    this.count++;
    const job = this.jobs[this.head];
    if (job !== undefined) {
      this.head++;
      job();
    }
    this.forgetDone();
    this.busy = this.jobs.length > 0;
    if (this.busy) this.schedule();
  };

  private forgetDone(): void {
    if (this.head === this.jobs.length) {
      this.jobs = [];
      this.head = 0;
    } else if (this.head > 1024) {
      this.jobs.splice(0, this.head);
      this.head = 0;
    }
  }
}
