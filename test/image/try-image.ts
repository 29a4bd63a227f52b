// Reads the Dockerfile and does what it says in a folder, where there is no container engine to do it.

import { execFile } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, dirname, join, matchesGlob } from "node:path";
import { promisify } from "node:util";

export type Instruction = { readonly name: string; readonly rest: string };

/** The last stage, as a container made of it would find things. */
export type Image = {
  /** Where the image's `/` is. */
  readonly root: string;
  readonly user: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly workDirectory: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
  readonly stopSignal: string | undefined;
};

/** Comments left out, lines that go on joined. */
export function instructionsOf(dockerfile: string): readonly Instruction[] {
  return dockerfile
    .replaceAll(/^\s*#.*\n/gm, "")
    .replaceAll(/\\\n/g, " ")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [, name = "", rest = ""] = /^(\S+)\s+(.*)$/.exec(line.trim()) ?? [];
      return { name: name.toUpperCase(), rest };
    });
}

/** The paths of a folder that `.dockerignore` lets into a build; the last pattern that fits decides. */
export function contextOf(folder: string, ignore: string): readonly string[] {
  const patterns = ignore
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const isIn = (path: string): boolean =>
    patterns.reduce((isKept, line) => {
      const keeps = line.startsWith("!");
      const pattern = keeps ? line.slice(1) : line;
      const fits = matchesGlob(path, pattern) || matchesGlob(path, `${pattern}/**`);
      return fits ? keeps : isKept;
    }, true);
  const isSearched = (name: string) => !["node_modules", ".git"].includes(name);
  const found = globSync("**/*", {
    cwd: folder,
    withFileTypes: true,
    exclude: (entry) => !isSearched(entry.name),
  });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter(isIn);
}

type Stage = {
  readonly name: string | undefined;
  readonly root: string;
  workDirectory: string;
  readonly env: Record<string, string>;
};

const run = promisify(execFile);

/** Builds below `target`; throws on an instruction that it does not know, lest one be passed over. */
export async function build(project: string, target: string): Promise<Image> {
  const ignore = readFileSync(join(project, ".dockerignore"), "utf8");
  const context = join(target, "context");
  for (const path of contextOf(project, ignore)) {
    mkdirSync(dirname(join(context, path)), { recursive: true });
    copyFileSync(join(project, path), join(context, path));
  }
  const stages: Stage[] = [];
  const said = new Map<string, string>();
  const stage = (): Stage => {
    const last = stages.at(-1);
    if (last === undefined) throw new Error("The first instruction has to be FROM.");
    return last;
  };
  for (const { name, rest } of instructionsOf(readFileSync(join(project, "Dockerfile"), "utf8"))) {
    switch (name) {
      case "FROM": {
        const root = join(target, `stage-${stages.length}`);
        mkdirSync(root, { recursive: true });
        stages.push({ name: / AS (\S+)/i.exec(rest)?.[1], root, workDirectory: "/", env: {} });
        said.clear();
        break;
      }
      case "WORKDIR":
        stage().workDirectory = rest;
        mkdirSync(join(stage().root, rest), { recursive: true });
        break;
      case "ENV": {
        const [, key = "", value = ""] = /^([^=]+)=(.*)$/.exec(rest) ?? [];
        stage().env[key] = value;
        break;
      }
      case "COPY":
        copy(stage(), rest, { stages, context });
        break;
      case "RUN": {
        const { root, workDirectory, env } = stage();
        const cwd = join(root, workDirectory);
        await run("sh", ["-c", rest], { cwd, env: { ...process.env, ...env } });
        break;
      }
      case "USER":
      case "EXPOSE":
      case "STOPSIGNAL":
      case "ENTRYPOINT":
      case "CMD":
      case "HEALTHCHECK":
        said.set(name, rest);
        break;
      default:
        throw new Error(`${name} isn't known here.`);
    }
  }
  rmSync(context, { recursive: true });
  const { root, env, workDirectory } = stage();
  // As in a container whose file system is read-only.
  await run("chmod", ["-R", "a-w,a+rX", root]);
  return {
    root,
    env,
    workDirectory,
    user: said.get("USER"),
    entrypoint: inExecForm(said.get("ENTRYPOINT")),
    command: inExecForm(said.get("CMD")),
    healthcheck: inExecForm(/ CMD (.*)$/.exec(said.get("HEALTHCHECK") ?? "")?.[1]),
    stopSignal: said.get("STOPSIGNAL"),
  };
}

function copy(
  to: Stage,
  rest: string,
  { stages, context }: { stages: readonly Stage[]; context: string },
): void {
  const [, from, paths = ""] = /^(?:--from=(\S+)\s+)?(.*)$/.exec(rest) ?? [];
  const words = paths.split(/\s+/);
  const destination = words.pop() ?? "";
  const source = from === undefined ? context : stages.find((one) => one.name === from)?.root;
  if (source === undefined) throw new Error(`There is no stage ${from}.`);
  for (const word of words) {
    const path = join(source, word);
    const target = join(to.root, to.workDirectory, destination);
    // Of a folder its content is copied; a file goes into what ends with a slash.
    const isInto = !statSync(path).isDirectory() && destination.endsWith("/");
    cpSync(path, isInto ? join(target, basename(word)) : target, { recursive: true });
  }
}

/** Only then there is no shell between the engine and the process, and signals arrive. */
function inExecForm(text: string | undefined): readonly string[] {
  const words: unknown = JSON.parse(text ?? "null");
  if (Array.isArray(words) && words.every((word) => typeof word === "string")) return words;
  throw new Error(`${text} is not in exec form.`);
}

/** Makes the program that a container would find as `node` available to any user. */
export function publicNode(folder: string): string {
  const path = join(folder, "node");
  copyFileSync(process.execPath, path);
  chmodSync(path, 0o755);
  return path;
}
