// `.env.example` and the policy folder: what a first start begins with is there, and up to date.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { describe, expect, it } from "vitest";
import { readEnvironment } from "../../src/config/environment/environment.ts";
import { firstColumn, read } from "../docs/documents.ts";

const PROJECT = join(import.meta.dirname, "../..");
const text = readFileSync(join(PROJECT, ".env.example"), "utf8");

describe(".env.example", () => {
  it("is a start in Socket Mode that lacks its secrets only", () => {
    const env = parseEnv(text);
    const filled = { ...env, SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1" };
    expect(readEnvironment(env)).toHaveProperty("faults");
    expect(readEnvironment(filled)).toMatchObject({ settings: { slack: { mode: "socket" } } });
  });

  it("names every setting of the bot's, and no other", () => {
    const settings = firstColumn(read("docs/configuration.md").text, "## Environment");
    const named = [...text.matchAll(/^(?:# )?([A-Z_]+)=/gm)].map(([, name = ""]) => name);
    expect(settings.filter((name) => !named.includes(name))).toEqual([]);
    const ofOthers = firstColumn(
      read("docs/configuration.md").text,
      "### Read by libraries and Node",
    );
    expect(named.filter((name) => ![...settings, ...ofOthers].includes(name))).toEqual([]);
  });
});

describe("the policy folder", () => {
  it("is in the repository, and is what the compose file mounts", () => {
    expect(existsSync(join(PROJECT, "docs/deploy/one-machine/policy/README.md"))).toBe(true);
    expect(read("compose.yml").text).toContain("./docs/deploy/one-machine/policy:/etc/jit:ro");
  });
});
