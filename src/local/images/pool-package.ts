/**
 * The content of the image that brings the pool package to Python servers: the package, the servers that it runs, and the program
 * that copies both into a pod. The Dockerfile's build stage and a local fleet call the same code.
 *
 * @module
 */
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { MissingTool } from '../toolchain/missing-tool.ts';
import { poolPackageSources, pythonEnvironment } from '../toolchain/python-environment.ts';
import { runTool } from '../toolchain/run-tool.ts';

const checkout = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const imageSources = join(checkout, 'images', 'python-pool');

/** Servers that are brought along for images that have none. */
const vendored = ['waitress', 'gunicorn', 'uvicorn'];

/** Files of distributions and of what they need without extras, from an environment's own records. */
const listFiles = `
import importlib.metadata as metadata, json, re, sys
todo, done, files = sys.argv[1:], set(), []
while todo:
    name = re.sub(r"[-_.]+", "-", todo.pop()).lower()
    if name in done:
        continue
    done.add(name)
    distribution = metadata.distribution(name)
    root = distribution.locate_file("")
    files += [[str(root), str(file)] for file in distribution.files or []]
    for need in distribution.requires or []:
        if ";" not in need:
            todo.append(re.match(r"[A-Za-z0-9._-]+", need).group())
print(json.dumps(files))
`;
const listed = z.array(z.tuple([z.string(), z.string()]));

const isCode = (path: string): boolean => !/(?:^|\/)(?:__pycache__|\.\.|tests)(?:\/|$)/u.test(path) && !/\/(?:RECORD|INSTALLER|REQUESTED|direct_url\.json)$/u.test(path);

/** Lays the image's root folder out. @throws MissingTool where there is no Python, or no package index for the servers */
export const layOutPoolImage = async (out: string, progress: (line: string) => void): Promise<void> => {
  if (!existsSync(imageSources)) throw new MissingTool('servers of the kinds feast and python run from a checkout of the project only: the installed package has no Python sources');
  const { python } = await pythonEnvironment({ name: 'pool', progress });
  const folder = join(out, 'plateau-pool');
  const packageFolder = join(folder, 'package');
  mkdirSync(packageFolder, { recursive: true });
  cpSync(join(imageSources, 'install'), join(folder, 'install'));
  cpSync(join(imageSources, 'plateau-pool'), join(packageFolder, 'plateau-pool'));
  cpSync(join(poolPackageSources, 'plateau_pool'), join(packageFolder, 'plateau_pool'), { recursive: true, filter: (source) => isCode(relative(poolPackageSources, source)) });
  await copyServers(python, join(packageFolder, 'plateau_pool_vendor'));
};

const copyServers = async (python: string, target: string): Promise<void> => {
  const files = listed.parse(JSON.parse(await runTool(python, ['-c', listFiles, ...vendored])));
  for (const [root, path] of files.filter(([, file]) => isCode(file))) {
    // What is compiled runs on one interpreter only, and the package goes into images of any.
    if (/\.(?:so|pyd|dylib)$/u.test(path)) throw new Error(`${path} is compiled: only servers of pure Python can be brought into any image`);
    mkdirSync(dirname(join(target, path)), { recursive: true });
    cpSync(join(root, path), join(target, path));
  }
};
