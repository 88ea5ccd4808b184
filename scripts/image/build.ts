/**
 * What `docker build` does with a Dockerfile, as far as this project's uses it, without Docker: each stage is a folder, and
 * the steps run in it with the programs of this machine. So it shows that the steps work and what they leave behind, not
 * what the base image brings. Any instruction that it does not know is a fault, so that none goes untried.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { Copy, DockerfileParser, From, type Instruction, JSONInstruction } from 'dockerfile-ast';

const run = promisify(execFile);
const STEP_MS = 300_000;

/** What the last stage leaves behind. */
export interface Image {
  /** Stands for `/`. */
  readonly root: string;
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
  /** `uid:gid`. */
  readonly user: string;
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
}

interface Stage {
  readonly name: string;
  readonly root: string;
  workdir: string;
  env: Record<string, string>;
  user: string;
  entrypoint: readonly string[];
  cmd: readonly string[];
  healthcheck: readonly string[];
}

/**
 * @param context the folder whose files it may copy; @param folder empty, where stages are made;
 * @param options.installed what `npm ci` has made of the same lock file already; null: it is run.
 */
export async function buildImage(
  dockerfile: string,
  context: string,
  folder: string,
  { say, installed }: { readonly say: (line: string) => void; readonly installed: string | null },
): Promise<Image> {
  const allowed = await allowedFiles(context);
  const stages: Stage[] = [];
  for (const instruction of DockerfileParser.parse(dockerfile).getInstructions()) {
    const keyword = instruction.getKeyword();
    say(`${keyword} ${instruction.getArgumentsContent() ?? ''}`);
    if (instruction instanceof From) {
      const name = instruction.getBuildStage() ?? `stage-${stages.length}`;
      const root = join(folder, name);
      await mkdir(root, { recursive: true });
      stages.push({
        name,
        root,
        workdir: '/',
        env: {},
        user: '0:0',
        entrypoint: [],
        cmd: [],
        healthcheck: [],
      });
      continue;
    }
    const stage = stages.at(-1);
    if (stage === undefined) throw new Error(`${keyword} before FROM`);
    await follow(instruction, stage, { context, allowed, stages, installed });
  }
  const last = stages.at(-1);
  if (last === undefined) throw new Error('no FROM');
  const { root, workdir, env, user, entrypoint, cmd, healthcheck } = last;
  return { root, workdir, env, user, command: [...entrypoint, ...cmd], healthcheck };
}

interface Sources {
  readonly context: string;
  readonly allowed: ReadonlySet<string>;
  readonly stages: readonly Stage[];
  readonly installed: string | null;
}

async function follow(instruction: Instruction, stage: Stage, sources: Sources): Promise<void> {
  const { installed } = sources;
  const words = instruction.getArguments().map((argument) => argument.getValue());
  switch (instruction.getKeyword()) {
    case 'WORKDIR':
      stage.workdir = join(stage.workdir, words[0] ?? '');
      await mkdir(join(stage.root, stage.workdir), { recursive: true });
      return;
    case 'ENV':
      for (const word of words) stage.env[word.split('=', 1)[0] ?? ''] = word.slice(word.indexOf('=') + 1);
      return;
    case 'COPY':
      return copy(instruction, words, stage, sources);
    case 'RUN':
      if (installed !== null && /^npm ci\b/.test(instruction.getArgumentsContent() ?? '')) {
        return link(installed, join(stage.root, stage.workdir, 'node_modules'));
      }
      await run('sh', ['-ec', instruction.getArgumentsContent() ?? ''], {
        cwd: join(stage.root, stage.workdir),
        env: { ...outside(), ...stage.env },
        timeout: STEP_MS,
      });
      return;
    case 'USER':
      stage.user = words[0] ?? '';
      return;
    case 'ENTRYPOINT':
      stage.entrypoint = exec(instruction);
      return;
    case 'CMD':
      stage.cmd = exec(instruction);
      return;
    case 'HEALTHCHECK':
      stage.healthcheck = probe(instruction.getTextContent());
      return;
    case 'EXPOSE':
    case 'STOPSIGNAL':
      return;
    default:
      throw new Error(`scripts/image/build.ts does not know ${instruction.getKeyword()}`);
  }
}

/** A copy that shares its files' content with what it is made of, where both lie on the same disk. */
async function link(from: string, to: string): Promise<void> {
  await run('cp', ['-al', from, to]).catch(async () => {
    await rm(to, { recursive: true, force: true });
    await run('cp', ['-a', from, to]);
  });
  // What npm itself keeps of it is not to be written to in both.
  await rm(join(to, '.package-lock.json'), { force: true });
}

/** How npm reaches its registry is the machine's affair; which package it works on is the folder's. */
function outside(): NodeJS.ProcessEnv {
  const { npm_config_local_prefix: _prefix, npm_package_json: _json, NODE_ENV: _env, ...rest } = process.env;
  return rest;
}

async function copy(
  instruction: Instruction,
  words: readonly string[],
  stage: Stage,
  { context, allowed, stages }: Sources,
): Promise<void> {
  const flags = instruction instanceof Copy ? instruction.getFlags() : [];
  const from = flags.find((flag) => flag.getName() === 'from')?.getValue();
  const source = from === undefined || from === null ? null : stages.find(({ name }) => name === from);
  if (source === undefined) throw new Error(`there is no stage ${from}`);
  const paths = words.slice(0, -1);
  const target = join(stage.root, stage.workdir, words.at(-1) ?? '');
  for (const path of paths) {
    if (source === null && !allowed.has(path.replace(/^\.\//, ''))) {
      throw new Error(`.dockerignore keeps ${path} out of the context`);
    }
    const origin = join(source === null ? context : source.root, path);
    if (source !== null) {
      // Moved: nothing looks into a stage after the one that takes from it.
      await rename(origin, target);
      continue;
    }
    // Of a folder its content is copied, a file into a folder by its name.
    const isInto = (words.at(-1) ?? '').endsWith('/') && (await stat(origin)).isFile();
    await cp(origin, isInto ? join(target, basename(path)) : target, { recursive: true });
  }
}

/** The JSON form, which runs no shell: what is to get signals must be written so. */
function exec(instruction: Instruction): readonly string[] {
  if (!(instruction instanceof JSONInstruction)) throw new Error(`${instruction.getKeyword()} is no command`);
  const words = instruction.getJSONStrings().map((word) => word.getJSONValue());
  if (words.length === 0) throw new Error(`${instruction.getKeyword()} is not in JSON form`);
  return words;
}

/** What follows `CMD` in a HEALTHCHECK, whose flags the parser takes for arguments. */
function probe(text: string): readonly string[] {
  const json = /\bCMD\s+(\[.*\])\s*$/.exec(text)?.[1];
  if (json === undefined) throw new Error('HEALTHCHECK is not in JSON form');
  const words: unknown = JSON.parse(json);
  if (!Array.isArray(words)) throw new Error('HEALTHCHECK is not in JSON form');
  return words.map(String);
}

/** Everything is kept out but what is named: what the file's second half says. */
async function allowedFiles(context: string): Promise<ReadonlySet<string>> {
  const lines = (await readFile(join(context, '.dockerignore'), 'utf8'))
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const [first, ...rest] = lines;
  if (first !== '*' || !rest.every((line) => line.startsWith('!'))) {
    throw new Error('.dockerignore is expected to keep everything out and then to name what is let in');
  }
  return new Set(rest.map((line) => line.slice(1)));
}
