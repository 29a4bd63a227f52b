// Builds the image for real with buildah, on a stand-in for its base: Debian's packages, and the pinned Node.

import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What the official image has of Debian's that Node needs, and certificates for npm. */
const PACKAGES = "libstdc++6,ca-certificates,passwd";

export type Built = {
  /** The image's own root file system, mounted. */
  readonly root: string;
  readonly config: {
    readonly User: string;
    readonly WorkingDir: string;
    readonly Entrypoint: readonly string[];
    readonly Cmd: readonly string[];
    readonly Env: readonly string[];
  };
  /** What the Dockerfile adds to its base. */
  readonly appBytes: number;
};

/** Unmounts what buildah mounted below `folder`, which can be deleted then. */
export async function release(folder: string): Promise<void> {
  const script = `cut -d" " -f2 /proc/mounts | grep "^$1/" | sort -r | xargs -r umount`;
  await run("sh", ["-c", script, "sh", folder]);
}

/** Builds below `folder`, in storage of its own; needs root, buildah and mmdebstrap. */
export async function buildImage(project: string, folder: string): Promise<Built> {
  const storage = ["--root", join(folder, "storage"), "--runroot", join(folder, "run")];
  const buildah = async (...args: readonly string[]): Promise<string> => {
    const options = {
      env: { ...process.env, BUILDAH_ISOLATION: "chroot" },
      maxBuffer: 64 * 1024 * 1024,
    };
    return (await run("buildah", [...storage, ...args], options)).stdout.trim();
  };
  const [base = ""] =
    /^FROM (\S+)/m.exec(readFileSync(join(project, "Dockerfile"), "utf8"))?.slice(1) ?? [];
  await standIn(project, folder, { base, buildah });
  await buildah("build", "--format", "docker", "--pull-never", "--tag", "jit-bot", project);
  const container = await buildah("from", "--pull-never", "jit-bot");
  const root = await buildah("mount", container);
  const inspected = JSON.parse(await buildah("inspect", container));
  const { stdout } = await run("du", ["-sb", join(root, "app")]);
  return { root, config: inspected.Docker.config, appBytes: Number(stdout.split("\t")[0]) };
}

type World = {
  readonly base: string;
  readonly buildah: (...args: readonly string[]) => Promise<string>;
};

/** Tags it as the Dockerfile names its base. */
async function standIn(project: string, folder: string, { base, buildah }: World): Promise<void> {
  const tar = join(folder, "base.tar");
  await run("mmdebstrap", ["--variant=essential", `--include=${PACKAGES}`, "bookworm", tar], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const added = join(folder, "added");
  const lib = join(added, "usr/local/lib/node_modules");
  const bin = join(added, "usr/local/bin");
  for (const path of [lib, bin, join(added, "usr/local/etc")]) mkdirSync(path, { recursive: true });
  cpSync(realpathSync(join(project, "node_modules/.bin/node")), join(bin, "node"));
  const npm = (await run("sh", ["-c", 'readlink -f "$(command -v npm)"'])).stdout.trim();
  cpSync(dirname(dirname(npm)), join(lib, "npm"), { recursive: true });
  symlinkSync("../lib/node_modules/npm/bin/npm-cli.js", join(bin, "npm"));
  // Where npm gets through only with a certificate of this machine's own.
  const certificates = process.env.NODE_EXTRA_CA_CERTS ?? process.env.SSL_CERT_FILE;
  if (certificates !== undefined) {
    cpSync(certificates, join(added, "usr/local/etc/ca.pem"));
    writeFileSync(join(lib, "npm/npmrc"), "cafile=/usr/local/etc/ca.pem\n");
  }
  const container = await buildah("from", "scratch");
  await buildah("add", container, tar, "/");
  await buildah("copy", container, join(added, "usr/local"), "/usr/local");
  const user = ["useradd", "--uid", "1000", "--create-home", "--shell", "/bin/sh", "node"];
  await buildah("run", container, "--", ...user);
  await buildah(
    "config",
    "--env",
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    container,
  );
  await buildah("commit", "--rm", container, `docker.io/library/${base}`);
}
