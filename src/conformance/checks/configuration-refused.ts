import { basename, join } from 'node:path';
import type { Check, Problem } from '../check.ts';
import { NotChecked, passUnless } from '../check.ts';
import { ask, shorten } from '../http.ts';
import { firstConfig } from '../open-session.ts';
import { startServer } from '../server/started-server.ts';
import type { Session } from '../session.ts';
import { until } from '../wait.ts';

/** A file that cannot be used, and what is wrong with it. @module */
interface Wrong {
  readonly what: string;
  /** Undefined: there is no file. */
  readonly text: string | undefined;
}

const wrongFiles: readonly Wrong[] = [
  { what: 'missing', text: undefined },
  { what: 'no JSON', text: '{"threads": 3,' },
  { what: 'without a usable size', text: JSON.stringify({ ...firstConfig, threads: 'many' }) },
];

/** A pod of unknown size would be worse than none. */
export const configurationRefused: Check = {
  name: 'configuration-refused',
  title: 'a missing or wrong configuration file ends the server before it is ever ready, with a sentence that names the file',
  section: 'Configuration',
  run: async (session) => {
    const chosen = session.options.quick ? wrongFiles.slice(1, 2) : wrongFiles;
    const problems = await Promise.all(chosen.map((wrong, index) => problemsWith(session, wrong, index)));
    return passUnless(problems.flat(), `${chosen.map(({ what }) => what).join(', ')}: refused`);
  },
};

const problemsWith = async (session: Session, { what, text }: Wrong, index: number): Promise<Problem[]> => {
  const { target, startTimeoutMs } = session.options;
  if (target.kind !== 'command') throw new NotChecked('it needs a server that it can start: give its command behind --');
  const server = await startServer({ argv: target.argv, folder: join(session.folder, `wrong-${index}`), config: text, token: 'unused' });
  try {
    const end = await until(startTimeoutMs, async () => {
      const ready = await ask(`${server.adminUrl}/readyz`, { timeoutMs: 1000 }).catch(() => undefined);
      if (ready?.status === 200) return 'ready';
      return server.hasEnded() ? 'ended' : undefined;
    });
    if (end !== 'ended') return [{ expected: `with a file that is ${what} the server ends`, seen: end === 'ready' ? 'it is ready' : `it still runs after ${startTimeoutMs / 1000} s` }];
    const { code } = await server.ended;
    const problems: Problem[] = [];
    if (code === 0) problems.push({ expected: `with a file that is ${what} the exit code is not 0`, seen: '0' });
    if (!server.output().includes(basename(server.configFile))) problems.push({ expected: `with a file that is ${what} the server says a sentence with its name, ${server.configFile}`, seen: shorten(server.output(), 300) || 'nothing' });
    return problems;
  } finally {
    server.kill();
  }
};
