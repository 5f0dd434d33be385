/**
 * Writes the report so that a reader finds the old content or the new one, never half of it.
 *
 * @module
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorCode, messageOf } from '../error-code.ts';
import type { Report } from './report.ts';

/** The report cannot be written; the message says why and what to do. */
export class ReportError extends Error {
  override readonly name = 'ReportError';
}

const remedies: Record<string, string> = {
  ENOENT: 'its folder does not exist; create it',
  EACCES: 'permission denied; choose another path',
  EPERM: 'permission denied; choose another path',
  EROFS: 'the file system is read-only; choose another path',
  EISDIR: 'it is a folder; name a file in it',
  ENOTDIR: 'a part of the path is a file and not a folder; choose another path',
  ENOSPC: 'the disk is full; make room or choose another path',
  EDQUOT: 'the disk quota is used up; make room or choose another path',
};

const explain = (path: string, error: unknown): ReportError => {
  const code = errorCode(error) ?? '';
  return new ReportError(`cannot write the report ${path}: ${remedies[code] ?? messageOf(error)}`);
};

const draftOf = (path: string): string => `${path}.${process.pid}.tmp`;

/**
 * Finds out whether a report can be written there, before a minute of work depends on it.
 *
 * @throws ReportError
 */
export const checkReportPath = (path: string): void => {
  try {
    const there = statSync(path, { throwIfNoEntry: false });
    if (there?.isDirectory() === true) throw Object.assign(new Error('is a folder'), { code: 'EISDIR' });
    // The report takes the place of what is there, which for root may be a device that the whole machine uses.
    if (there?.isFile() === false) throw new Error('it is a device, pipe or socket; name a file');
    statSync(dirname(path));
    closeSync(openSync(draftOf(path), 'w'));
    rmSync(draftOf(path));
  } catch (error) {
    throw explain(path, error);
  }
};

/**
 * Writes the report in one step.
 *
 * @throws ReportError
 */
export const writeReport = (path: string, report: Report): void => {
  try {
    const file = openSync(draftOf(path), 'w');
    try {
      const content = Buffer.from(`${JSON.stringify(report, null, 1)}\n`);
      let written = 0;
      while (written < content.length) written += writeSync(file, content, written);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draftOf(path), path);
  } catch (error) {
    rmSync(draftOf(path), { force: true });
    throw explain(path, error);
  }
};
