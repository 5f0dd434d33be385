/**
 * The first words on a new connection: choose the database, and answer.
 *
 * @module
 */
import type { Batch } from './batch.ts';
import { meaningOf } from './refusals.ts';
import { ProtocolError } from './reply-scanner.ts';

interface Outcome {
  well: () => void;
  refused: (text: string, advice: string) => void;
  failed: (error: Error) => void;
}

/** `SELECT` where it is needed, then `PING`, in Redis's protocol. */
export function connectCommands(db: number): Buffer {
  const number = String(db);
  const select = db === 0 ? '' : `*2\r\n$6\r\nSELECT\r\n$${number.length}\r\n${number}\r\n`;
  return Buffer.from(`${select}*1\r\n$4\r\nPING\r\n`, 'latin1');
}

/** Judges the answers. A server that refuses the database must never be read: its other databases hold other values. */
export function connectBatch(db: number, outcome: Outcome): Batch {
  let refusal: [text: string, advice: string] | undefined;
  return {
    commands: db === 0 ? 1 : 2,
    values: () => {
      throw new ProtocolError('values came where a PONG was due');
    },
    status: (command, text) => {
      const due = db !== 0 && command === 0 ? 'OK' : 'PONG';
      if (text !== due) throw new ProtocolError(`"${text.slice(0, 40)}" came where ${due} was due`);
    },
    refused: (command, text) => {
      // A user who may only read features may not PING.
      const mayNotPing = text.startsWith('NOPERM') && (db === 0 || command === 1);
      if (mayNotPing) return;
      const meaning = meaningOf(text);
      refusal ??= [text, meaning.kind === 'down' ? meaning.advice : `it refuses ${db === 0 || command === 1 ? 'PING' : `database ${db}`}`];
    },
    done: () => (refusal === undefined ? outcome.well() : outcome.refused(...refusal)),
    failed: outcome.failed,
  };
}
