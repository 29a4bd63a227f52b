// Composes a Kustomize overlay as far as ours need it, and refuses what it doesn't know, lest something be passed over.

import { readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

export type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
} & Readonly<Record<string, unknown>>;

const MANIFEST = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});

const KUSTOMIZATION = z.strictObject({
  apiVersion: z.literal("kustomize.config.k8s.io/v1beta1"),
  kind: z.literal("Kustomization"),
  namespace: z.string(),
  resources: z.array(z.string()),
  patches: z.array(z.strictObject({ path: z.string() })).default([]),
  configMapGenerator: z
    .array(
      z.strictObject({
        name: z.string(),
        files: z.array(z.string()),
        options: z.strictObject({ disableNameSuffixHash: z.literal(true) }),
      }),
    )
    .default([]),
  images: z
    .array(z.strictObject({ name: z.string(), newName: z.string(), digest: z.string() }))
    .default([]),
});

const CLUSTER_WIDE = ["Namespace"];

const yamlAt = (path: string): unknown => parse(readFileSync(path, "utf8"), { merge: false });
const manifestAt = (path: string): Manifest => MANIFEST.parse(yamlAt(path)) as Manifest;

/** The manifests that `kubectl apply -k <folder>` would send. */
export function composed(folder: string): readonly Manifest[] {
  const own = KUSTOMIZATION.parse(yamlAt(join(folder, "kustomization.yaml")));
  const resources = own.resources.flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? composed(path) : [manifestAt(path)];
  });
  const maps = own.configMapGenerator.map(({ name, files }) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name },
    data: Object.fromEntries(
      files.map((file) => [basename(file), readFileSync(join(folder, file), "utf8")]),
    ),
  }));
  const patched = own.patches
    .map(({ path }) => manifestAt(join(folder, path)))
    .reduce(withPatch, [...resources, ...maps]);
  return patched.map((one) => withImages(inNamespace(one, own.namespace), own.images));
}

function inNamespace(one: Manifest, namespace: string): Manifest {
  if (CLUSTER_WIDE.includes(one.kind)) return one;
  return { ...one, metadata: { ...one.metadata, namespace } };
}

function withPatch(all: readonly Manifest[], patch: Manifest): Manifest[] {
  const isMeant = (one: Manifest) =>
    one.kind === patch.kind && one.metadata.name === patch.metadata.name;
  if (!all.some(isMeant)) throw new Error(`${patch.kind} ${patch.metadata.name} isn't there.`);
  return all.map((one) => (isMeant(one) ? (merged(one, patch) as Manifest) : one));
}

type Tree = Readonly<Record<string, unknown>>;

const isTree = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Lists that Kubernetes merges by a key (`patchStrategy: merge`); all others are replaced. */
const MERGE_KEYS: Readonly<Record<string, string>> = { containers: "name", env: "name" };

function merged(base: unknown, patch: unknown, key = ""): unknown {
  const by = MERGE_KEYS[key];
  if (Array.isArray(base) && Array.isArray(patch) && by !== undefined) {
    const others = patch.filter((one) => !base.some((mine) => mine[by] === one[by]));
    const mine = base.map((one) => {
      const change = patch.find((other) => other[by] === one[by]);
      return change === undefined ? one : merged(one, change);
    });
    return [...mine, ...others];
  }
  if (!isTree(base) || !isTree(patch)) return patch;
  const names = [...new Set([...Object.keys(base), ...Object.keys(patch)])];
  return Object.fromEntries(
    names.map((name) => [
      name,
      name in patch
        ? name in base
          ? merged(base[name], patch[name], name)
          : patch[name]
        : base[name],
    ]),
  );
}

type Image = { readonly name: string; readonly newName: string; readonly digest: string };

/** Wherever a key is called `image`, as Kustomize does it. */
function withImages(one: Manifest, images: readonly Image[]): Manifest {
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (!isTree(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, own]) => {
        const image = images.find(({ name }) => key === "image" && own === name);
        return [key, image ? `${image.newName}@${image.digest}` : visit(own)];
      }),
    );
  };
  return visit(one) as Manifest;
}
