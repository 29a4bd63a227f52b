// The Kubernetes manifests: as the API has them, as strict as they claim, and in step with the bot and the documents.

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { readEnvironment } from "../../src/config/environment/environment.ts";
import { SECRETS } from "../../src/config/environment/secret-names.ts";
import { readPolicyFile } from "../../src/config/policy-file/read-policy-file.ts";
import { read } from "../docs/documents.ts";
import { composed, type Manifest } from "./kustomize.ts";

const PROJECT = join(import.meta.dirname, "../..");
const FOLDER = join(PROJECT, "docs/deploy/kubernetes");
const OVERLAYS = ["http", "socket-mode"] as const;
const GUIDE = "docs/deploy/kubernetes.md";

/** Where each kind's type is; a kind that isn't here fails. */
const MODULES: Readonly<Record<string, string>> = {
  "v1 Namespace": "kubernetes-models/v1",
  "v1 ServiceAccount": "kubernetes-models/v1",
  "v1 Service": "kubernetes-models/v1",
  "v1 ConfigMap": "kubernetes-models/v1",
  "apps/v1 Deployment": "kubernetes-models/apps/v1",
  "policy/v1 PodDisruptionBudget": "kubernetes-models/policy/v1",
  "networking.k8s.io/v1 NetworkPolicy": "kubernetes-models/networking.k8s.io/v1",
  "networking.k8s.io/v1 Ingress": "kubernetes-models/networking.k8s.io/v1",
};

/**
 * What the API's schemas find wrong. Types generated from them are held against the manifests by the compiler,
 * which notices unknown keys; their validators look at values.
 */
async function wrongIn(manifests: readonly Manifest[]): Promise<string> {
  const cache = join(PROJECT, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "manifests-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const lines = manifests.map((one, index) => {
    const from = MODULES[`${one.apiVersion} ${one.kind}`];
    if (from === undefined) throw new Error(`${one.apiVersion} ${one.kind} isn't known here.`);
    return `import { ${one.kind} as Model${index}, type I${one.kind} as Type${index} } from "${from}";
const one${index}: Type${index} = ${JSON.stringify(one, undefined, 2)};
new Model${index}(one${index}).validate();`;
  });
  writeFileSync(join(folder, "all.ts"), `${lines.join("\n")}\n`);
  const compiler = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    module: "nodenext",
    target: "es2024",
    types: [],
  };
  const config = { compilerOptions: compiler, files: ["all.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const tsc = join(PROJECT, "node_modules/.bin/tsc");
  const said = (failed: { stdout?: string; stderr?: string }) =>
    `${failed.stdout ?? ""}${failed.stderr ?? ""}`;
  const types = await promisify(execFile)(tsc, ["-p", folder]).then(said, said);
  if (types !== "") return types;
  const runs = lines
    .join("\n")
    .replace(/, type I\w+ as Type\d+/g, "")
    .replace(/: Type\d+ =/g, " =");
  writeFileSync(join(folder, "all.mjs"), `${runs}\n`);
  return promisify(execFile)(process.execPath, [join(folder, "all.mjs")]).then(said, said);
}

const POD = z.object({
  spec: z.object({
    replicas: z.number(),
    template: z.object({
      metadata: z.object({ labels: z.record(z.string(), z.string()) }),
      spec: z.looseObject({
        terminationGracePeriodSeconds: z.number(),
        containers: z.tuple([
          z.looseObject({
            image: z.string(),
            env: z.array(z.object({ name: z.string(), value: z.string() })),
            ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
          }),
        ]),
      }),
    }),
  }),
});

const deploymentOf = (manifests: readonly Manifest[]) =>
  POD.parse(manifests.find(({ kind }) => kind === "Deployment")).spec;

const SAMPLES: Readonly<Record<string, string>> = {
  SLACK_BOT_TOKEN: "xoxb-1",
  SLACK_APP_TOKEN: "xapp-1",
  SLACK_SIGNING_SECRET: "8f74",
  REDIS_URL: "rediss://:a@redis.example:6380",
  AUDIT_KEY: "5".repeat(64),
};

describe.each(OVERLAYS)("the overlay %s", (overlay) => {
  const manifests = composed(join(FOLDER, "overlays", overlay));
  const { replicas, template } = deploymentOf(manifests);
  const [bot] = template.spec.containers;

  it("is as the API's schemas have it", async () => {
    expect(await wrongIn(manifests)).toBe("");
  });

  it("starts a bot whose settings are complete, with every secret from a file", () => {
    const env = Object.fromEntries(
      bot.env.map(({ name, value }) => {
        const secret = SECRETS.find((one) => name === `${one}_FILE`);
        if (secret !== undefined) expect(value).toMatch(/^\/run\/secrets\/jit\/[a-z-]+$/);
        return secret === undefined ? [name, value] : [secret, SAMPLES[secret] ?? ""];
      }),
    );
    expect(bot.env.map(({ name }) => name).filter((one) => SECRETS.some((s) => s === one))).toEqual(
      [],
    );
    const mode = overlay === "http" ? "http" : "socket";
    expect(readEnvironment(env)).toMatchObject({ settings: { slack: { mode } } });
  });

  it("has secrets that the guide's command makes, under the names that the bot reads", () => {
    const guide = read(GUIDE).text;
    const files = bot.env.flatMap(({ name, value }) =>
      name.endsWith("_FILE") ? [value.split("/").at(-1) ?? ""] : [],
    );
    expect(files).toHaveLength(4);
    for (const file of files) expect(guide).toContain(`--from-file=${file}`);
  });

  it("runs two replicas that nobody in the pod can change", () => {
    expect(replicas).toBe(2);
    expect(template.spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    });
    expect(bot).toMatchObject({
      image: expect.stringMatching(/^registry\.example\.com\/jit-bot@sha256:[0-9a-f]{64}$/),
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      },
      resources: { limits: { memory: "768Mi" }, requests: { memory: "256Mi" } },
    });
    expect(template.metadata.labels["azure.workload.identity/use"]).toBe("true");
    expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(13);
  });

  it("asks for health where the bot answers it", () => {
    const port = bot.ports.find(({ name }) => name === "http");
    expect(port?.containerPort).toBe(3000);
    const probe = (path: string) => ({ httpGet: { path, port: "http" } });
    expect(bot).toMatchObject({
      startupProbe: probe("/healthz"),
      livenessProbe: probe("/healthz"),
      readinessProbe: probe("/readyz"),
    });
  });

  it("keeps everything in one namespace, and selects what is there", () => {
    for (const { kind, metadata } of manifests) {
      expect(metadata.namespace).toBe(kind === "Namespace" ? undefined : "jit");
    }
    const labels = { "app.kubernetes.io/name": "jit-bot" };
    expect(template.metadata.labels).toMatchObject(labels);
    expect(manifests).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          kind: "Service",
          spec: expect.objectContaining({ selector: labels }),
        }),
        expect.objectContaining({
          kind: "PodDisruptionBudget",
          spec: { minAvailable: 1, selector: { matchLabels: labels } },
        }),
        expect.objectContaining({
          kind: "NetworkPolicy",
          spec: expect.objectContaining({ podSelector: { matchLabels: labels } }),
        }),
      ]),
    );
  });

  it("mounts a policy file that is valid", () => {
    const map = manifests.find(({ kind }) => kind === "ConfigMap");
    const { data } = z.object({ data: z.object({ "jit.yaml": z.string() }) }).parse(map);
    expect(readPolicyFile(data["jit.yaml"])).toHaveProperty("policy");
  });
});

describe("the way in", () => {
  const kinds = (overlay: string) =>
    composed(join(FOLDER, "overlays", overlay)).map(({ kind }) => kind);

  it("is there with HTTP, and not with Socket Mode", () => {
    expect(kinds("http")).toContain("Ingress");
    expect(kinds("socket-mode")).not.toContain("Ingress");
    const ingresses = (overlay: string) =>
      JSON.stringify(
        composed(join(FOLDER, "overlays", overlay)).find(({ kind }) => kind === "NetworkPolicy"),
      );
    expect(ingresses("http")).toContain("ingress-nginx");
    expect(ingresses("socket-mode")).not.toContain("ingress-nginx");
  });

  it("is open for Slack and for the page that sees an address, and for nothing else", () => {
    const ingress = composed(join(FOLDER, "overlays/http")).find(({ kind }) => kind === "Ingress");
    const paths = [...JSON.stringify(ingress).matchAll(/"path":"([^"]+)"/g)].map(
      ([, path]) => path,
    );
    expect(paths).toEqual(["/slack/events", "/my-ip"]);
  });
});

describe("the way out", () => {
  it("names every host that the documents name", () => {
    const policy = read("docs/deploy/kubernetes/base/network-policy.yaml").text;
    const table = read("docs/configuration.md").text.split("### Clouds and hosts")[1] ?? "";
    const [, resourceManager, signIn] =
      /\| `public` \| `([^`]+)` \| `([^`]+)` \|/.exec(table) ?? [];
    for (const host of [resourceManager, signIn, "slack.com"]) {
      expect(policy).toContain(`${host}`);
      expect(host).toMatch(/\./);
    }
  });
});

describe("a mistake in a manifest", () => {
  const good = composed(join(FOLDER, "overlays/http"));
  const changed = (from: string, to: string): readonly Manifest[] => {
    const text = JSON.stringify(good);
    expect(text).toContain(from);
    return JSON.parse(text.replace(from, to));
  };

  it.each([
    ["an unknown key", '"readinessProbe"', '"readinesProbe"'],
    ["a number in quotes", '"replicas":2', '"replicas":"2"'],
    ["a missing key", '"minAvailable":1,"selector":', '"minAvailable":1,"selectors":'],
  ])("is noticed: %s", async (_, from, to) => {
    expect(await wrongIn(changed(from, to))).toMatch(/error TS\d+|invalid|must/i);
  });
});
