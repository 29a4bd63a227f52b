// The Slack app's manifest says what the code uses: no scope, event or address too few, and none too many.

import { globSync, readFileSync } from "node:fs";
import type { App } from "@slack/bolt";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { type Listening, listen } from "../src/adapters/slack/listeners/listeners.ts";

const root = new URL("..", import.meta.url);
const text = readFileSync(new URL("manifest.yml", root), "utf8");
const events = "https://jit.example.com/slack/events";

const manifest = z
  .object({
    features: z.object({
      app_home: z.object({ home_tab_enabled: z.boolean(), messages_tab_enabled: z.boolean() }),
      shortcuts: z.array(z.object({ callback_id: z.string(), type: z.literal("global") })),
      slash_commands: z.array(
        z.object({ command: z.string(), should_escape: z.boolean(), url: z.literal(events) }),
      ),
    }),
    oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
    settings: z.object({
      event_subscriptions: z.object({
        request_url: z.literal(events),
        bot_events: z.array(z.string()),
      }),
      interactivity: z.object({
        is_enabled: z.literal(true),
        request_url: z.literal(events),
        message_menu_options_url: z.literal(events),
      }),
      socket_mode_enabled: z.literal(false),
    }),
  })
  .parse(parse(text));

/** The methods of the Web API, with the scopes that they need: https://docs.slack.dev/reference/methods */
const SCOPES: Readonly<Record<string, readonly string[]>> = {
  "auth.test": [],
  "bots.info": ["users:read"],
  "chat.postEphemeral": ["chat:write"],
  "chat.postMessage": ["chat:write"],
  "chat.update": ["chat:write"],
  // Of direct messages it is not asked: they are not shared, and a refusal is taken for "not known".
  "conversations.info": ["channels:read", "groups:read"],
  // Of direct messages and channels that it cannot see, the members are taken for "not known".
  "conversations.members": ["channels:read", "groups:read"],
  "conversations.open": ["im:write"],
  "usergroups.users.list": ["usergroups:read"],
  "users.info": ["users:read"],
  "views.open": [],
  "views.publish": [],
  "views.update": [],
};

/** Used where they are granted, and done without where they are not. */
const OPTIONAL: Readonly<Record<string, readonly string[]>> = {
  "conversations.history": ["channels:history", "groups:history", "im:history"],
  "files.completeUploadExternal": ["files:write"],
  "files.getUploadURLExternal": ["files:write"],
  "users.lookupByEmail": ["users:read.email"],
};

/** https://docs.slack.dev/reference/events */
const EVENT_SCOPES: Readonly<Record<string, readonly string[]>> = {
  app_home_opened: [],
  subteam_members_changed: ["usergroups:read"],
  subteam_updated: ["usergroups:read"],
  user_change: ["users:read"],
};

const sources = globSync("src/adapters/slack/**/*.ts", { cwd: root }).map((path) =>
  readFileSync(new URL(path, root), "utf8"),
);
const called = new Set(
  sources.flatMap((source) =>
    [...source.matchAll(/\bclient\.([a-z]+(?:\.[a-zA-Z]+)+)\(/g)].map(([, name = ""]) => name),
  ),
);

/** What `listen` asks Bolt to be told of. */
function listened(): Readonly<Record<string, readonly unknown[]>> {
  const heard: Record<string, unknown[]> = {};
  const app = new Proxy({}, { get: (_, kind) => (what: unknown) => note(String(kind), what) });
  const note = (kind: string, what: unknown) => {
    heard[kind] = [...(heard[kind] ?? []), what];
  };
  listen(app as App, {} as Listening);
  return heard;
}

const constant = (name: string) =>
  sources.flatMap((source) => new RegExp(`const ${name} = "([^"]+)"`).exec(source)?.[1] ?? []);

describe("the manifest", () => {
  it("asks for the scopes that the calls and events need, and for no others", () => {
    const needed = [...called].filter((name) => !Object.hasOwn(OPTIONAL, name));
    for (const name of needed) expect(Object.keys(SCOPES)).toContain(name);
    const scopes = new Set([
      "commands",
      ...needed.flatMap((name) => SCOPES[name] ?? []),
      ...manifest.settings.event_subscriptions.bot_events.flatMap(
        (name) => EVENT_SCOPES[name] ?? [],
      ),
    ]);
    expect(new Set(manifest.oauth_config.scopes.bot)).toEqual(scopes);
  });

  it("shows the scopes that are optional as comments", () => {
    for (const name of Object.keys(OPTIONAL)) expect(called).toContain(name);
    for (const scope of Object.values(OPTIONAL).flat()) expect(text).toContain(`# - ${scope}`);
  });

  it("subscribes to the events that somebody listens to", () => {
    const subscribed = manifest.settings.event_subscriptions.bot_events;
    const heard = (listened().event ?? []).map(String).filter((one) => one !== "message");
    expect(subscribed.toSorted()).toEqual(heard.sort());
    // Optional, with its scope: Slack calls the event of a direct message so where an app subscribes to it.
    expect(listened().event).toContain("message");
    expect(text).toContain("# - message.im");
    for (const name of subscribed) expect(Object.keys(EVENT_SCOPES)).toContain(name);
  });

  it("has the command, the shortcut and the address for options that the code answers", () => {
    const { slash_commands, shortcuts, app_home } = manifest.features;
    expect(slash_commands.map((one) => one.command)).toEqual(constant("COMMAND"));
    expect(slash_commands.every((one) => one.should_escape)).toBe(true);
    expect(shortcuts.map((one) => one.callback_id)).toEqual(constant("SHORTCUT"));
    expect(Object.keys(listened())).toContain("options");
    expect(app_home).toEqual({ home_tab_enabled: true, messages_tab_enabled: true });
  });

  it("tells at every address, and at the switch, what Socket Mode needs instead", () => {
    const addresses = text.split("\n").filter((line) => line.includes(`: ${events}`));
    expect(addresses).toHaveLength(4);
    for (const line of addresses) expect(line).toContain("# Socket Mode: leave this line out");
    expect(text).toMatch(/socket_mode_enabled: false # Socket Mode: true;.*connections:write/);
  });
});
