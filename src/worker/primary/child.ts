/**
 * One serving process as the primary sees it.
 *
 * @module
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isFromServing, settingsVariable } from '../messages.ts';
import type { FromServing, Knobs, ServingSettings, ToServing } from '../messages.ts';
import type { Snapshot } from '../metrics/snapshot.ts';

/** What the pool wants to hear of. */
export interface ChildEvents {
  serving: (child: Child) => void;
  exited: (child: Child, how: string) => void;
}

/** The same ending as this file's: sources in a checkout, compiled in a package. */
const entry = fileURLToPath(new URL(`../serving/serving-process${extname(import.meta.url)}`, import.meta.url));

interface Given {
  socket: Socket;
  taken: () => void;
}

export class Child {
  readonly slot: number;
  readonly startedAt: number;
  state: 'starting' | 'serving' | 'retiring' | 'gone' = 'starting';
  /** What it last reported. */
  snapshot: Snapshot | undefined;
  /** What it was last told and has acknowledged. */
  knobs: Knobs;
  private readonly process: ChildProcess;
  private readonly events: ChildEvents;
  private readonly unanswered = new Set<number>();
  private readonly changed = new Set<() => void>();
  private lastId = 0;
  private accepting = true;
  private reporting: Promise<void> | undefined;
  /** Connections that the process has not said it has, by id, oldest first. */
  private readonly given = new Map<number, Given>();

  constructor(slot: number, settings: ServingSettings, events: ChildEvents) {
    this.slot = slot;
    this.knobs = settings.knobs;
    this.events = events;
    this.startedAt = performance.now();
    this.process = fork(entry, [], {
      env: { ...process.env, [settingsVariable]: JSON.stringify(settings) },
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    this.process.on('message', (message: unknown) => {
      if (isFromServing(message)) this.hear(message);
    });
    this.process.on('error', () => this.leave('it could not be started'));
    this.process.on('exit', (code, signal) => this.leave(signal ?? `exit code ${code}`));
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  /** Resolves when the process serves, or is gone. */
  async serving(): Promise<void> {
    while (this.state === 'starting') await this.change();
  }

  /** Resolves when the process no longer accepts, or is gone. */
  async retire(): Promise<void> {
    this.state = 'retiring';
    this.send({ type: 'retire' });
    while (this.accepting && this.isAlive()) await this.change();
  }

  /** Resolves when the process works with these knobs, or is gone. */
  async configure(knobs: Knobs): Promise<void> {
    await this.ask((id) => ({ type: 'configure', id, knobs }));
    this.knobs = knobs;
  }

  /** Resolves when a fresh snapshot is here, or the process is gone. While one question is open none is added: a process may hang. */
  async report(): Promise<void> {
    this.reporting ??= this.ask((id) => ({ type: 'report', id })).finally(() => (this.reporting = undefined));
    await this.reporting;
  }

  /** Hands a connection over. Messages keep their order, so one that was given before `retire` is served. */
  give(socket: Socket, acceptedAt: number, taken: () => void): void {
    if (!this.process.connected) {
      socket.destroy();
      return;
    }
    const id = ++this.lastId;
    this.given.set(id, { socket, taken });
    // Kept open: of one that was sent and never read, nobody could close this process's copy when the other process dies.
    this.process.send({ type: 'connection', id, acceptedAt } satisfies ToServing, socket, { keepOpen: true }, () => undefined);
  }

  send(message: ToServing): void {
    if (this.process.connected) this.process.send(message, () => undefined);
  }

  kill(): void {
    this.process.kill('SIGKILL');
  }

  private isAlive(): boolean {
    return this.state !== 'gone';
  }

  private async ask(build: (id: number) => ToServing): Promise<void> {
    const id = ++this.lastId;
    this.unanswered.add(id);
    this.send(build(id));
    while (this.unanswered.has(id) && this.isAlive()) await this.change();
    this.unanswered.delete(id);
  }

  private hear(message: FromServing): void {
    if (message.type === 'report') this.snapshot = message.snapshot;
    if (message.type === 'report' || message.type === 'configured') this.unanswered.delete(message.id);
    if (message.type === 'retiring') this.accepting = false;
    if (message.type === 'serving' && this.state === 'starting') {
      this.state = 'serving';
      this.events.serving(this);
    }
    if (message.type === 'taken') this.took(message.id);
    this.wake();
  }

  private took(id: number): void {
    const given = this.given.get(id);
    this.letGo(id);
    given?.taken();
  }

  /** Closes this process's copies up to this id. An older one than what has been taken did not reach the process: its client is told so. */
  private letGo(upTo: number): void {
    for (const [id, { socket }] of this.given) {
      if (id > upTo) return;
      this.given.delete(id);
      socket.destroy();
    }
  }

  private leave(how: string): void {
    if (this.state === 'gone') return;
    this.letGo(this.lastId);
    this.events.exited(this, how);
    this.state = 'gone';
    this.wake();
  }

  private async change(): Promise<void> {
    await new Promise<void>((resolve) => this.changed.add(resolve));
  }

  private wake(): void {
    const waiting = [...this.changed];
    this.changed.clear();
    for (const resolve of waiting) resolve();
  }
}
