/** The pool package out of its image, over interpreters that know nothing of it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import * as z from 'zod';
import { runTool } from '../../../src/local/toolchain/run-tool.ts';
import { describeWithTools } from '../support/describe-toolchain.ts';
import { layOut, run } from './program.ts';

const timeoutMs = 120_000;

const wsgi = `
import json, sys
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"path": sys.path, "server": sys.modules["SERVER"].__file__}).encode()]
`;
const asgi = `
import json, sys
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    body = json.dumps({"path": sys.path, "server": sys.modules["SERVER"].__file__}).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": body})
`;
const answered = z.object({ path: z.array(z.string()), server: z.string() });
const pool = z.object({ threads: z.int(), model: z.string(), gil: z.string() });

await describeWithTools({ python: ['pool'] }, 'the image of the pool package', (tools) => {
  let image: Awaited<ReturnType<typeof layOut>>;
  let folder = '';
  let volume = '';
  let bare = '';
  beforeAll(async () => {
    image = await layOut('python-pool');
    folder = mkdtempSync(join(tmpdir(), 'plateau-pool-image-'));
    volume = join(folder, 'opt');
    mkdirSync(volume);
    await runTool(join(image.root, 'plateau-pool/install'), [volume]);
    // An interpreter with nothing installed, as in an image that knows of no server.
    await runTool(tools().python('pool').python, ['-m', 'venv', '--without-pip', join(folder, 'bare')]);
    bare = join(folder, 'bare/bin/python3');
  }, timeoutMs);
  afterAll(() => {
    image.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const served = async (python: string, server: string, app: string): Promise<{ answer: z.infer<typeof answered>; state: z.infer<typeof pool>; code: number }> => {
    const cwd = mkdtempSync(join(folder, 'app-'));
    writeFileSync(join(cwd, 'main.py'), app.replace('SERVER', server));
    const words = ['serve', 'main:app', '--server', server, '--host', '127.0.0.1', '--port', '0', '--admin-port', '0', '--termination-grace', '20s', '--drain-grace', '0s'];
    const program = run([python, join(volume, 'plateau-pool'), ...words], { cwd });
    const [line] = await program.until(/\{[^\n]*"adminPort"[^\n]*\}/u);
    const { port, adminPort } = JSON.parse(line) as { port: number; adminPort: number };
    const answer = answered.parse(await (await fetch(`http://127.0.0.1:${port}/`)).json());
    const state = pool.parse(await (await fetch(`http://127.0.0.1:${adminPort}/pool`)).json());
    return { answer, state, code: (await program.stop()).code };
  };

  it.each([
    ['waitress', wsgi, 'threads'],
    ['gunicorn', wsgi, 'processes'],
    ['uvicorn', asgi, 'eventloop'],
  ])('brings %s to an interpreter that has none, and finds the application from the working directory', async (server, app, model) => {
    const { answer, state, code } = await served(bare, server, app);
    expect(answer.server).toContain(join(volume, 'plateau_pool_vendor', server));
    // Last of all: what the image has itself wins.
    expect(answer.path.at(-1)).toBe(join(volume, 'plateau_pool_vendor'));
    expect(state).toMatchObject({ model, gil: 'on' });
    expect(code).toBe(0);
  }, timeoutMs);

  it("runs the image's own version of a server where there is one", async () => {
    const { answer } = await served(tools().python('pool').python, 'waitress', wsgi);
    expect(answer.server).toContain('site-packages');
  }, timeoutMs);

  it('says in a sentence that an interpreter is too old', async () => {
    // No old interpreter is at hand: the launcher is run with the version number of one.
    const launcher = join(volume, 'plateau-pool');
    const text = 'import sys; sys.version_info = (3, 9, 18); sys.version = "3.9.18 (main)"; exec(compile(open(sys.argv[1]).read(), sys.argv[1], "exec"))';
    const program = run([bare, '-c', text, launcher], { cwd: folder });
    expect((await program.ended).code).toBe(1);
    expect(program.output()).toContain('this image has Python 3.9.18; the pool package needs 3.11 or newer');
    // It has to get as far as that sentence in such an interpreter.
    expect(readFileSync(launcher, 'utf8')).not.toMatch(/\bf"|:=|match /u);
  });

  it('copies itself again over what is there, and refuses to guess where to', async () => {
    await runTool(join(image.root, 'plateau-pool/install'), [volume]);
    await expect(runTool(join(image.root, 'plateau-pool/install'), [])).rejects.toThrow('name the folder');
  });
});
