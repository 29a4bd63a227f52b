// The short-lived things that a person's act hands to the app: trigger ids and response URLs.

import type { Reply } from "../faults.ts";
import { ApiFault, type Args, isOn, optional, type TriggerOutcome } from "./api/call.ts";
import { contentFrom, readContent, requireContent } from "./api/content.ts";
import { asObject, parseJson } from "./json.ts";
import { deleteMessage, editMessage, findMessage, postMessage, showEphemeral } from "./messages.ts";
import type { Content, Ephemeral, Message, SlackWorkspace } from "./slack-workspace.ts";

/** docs.slack.dev/interactivity/handling-user-interaction */
const TRIGGER_VALID_MS = 3_000;
const RESPONSE_VALID_MS = 30 * 60_000;
const RESPONSE_USES_MAX = 5;

/** What came in at a response URL. */
export type Response = {
  atMs: number;
  status: number;
  answer: string;
  args: Args;
  shown: "ephemeral" | "in_channel" | "replaced" | "deleted" | "nothing";
};

/** With whom it was for: what came in at any response URL. */
export type Received = Response & { user: string; channel: string };

/** Where answers to an act go, and which message they may replace. */
export type Source = { user: string; channel: string; messageTs?: string | undefined };

type Hook = { source: Source; madeAtMs: number; uses: number; responses: Response[] };

export type Hooks = {
  makeTrigger(user: string, viewId?: string): string;
  takeTrigger(triggerId: string): TriggerOutcome;
  /** A new response URL, and the list in which everything that comes in at it will appear. */
  makeResponseUrl(source: Source): { url: string; responses: Response[] };
  /** Answers a POST to a response URL; `path` without the origin. */
  receive(path: string, body: Buffer): Reply;
  /** Everything that came in at response URLs, in order. */
  received: Received[];
};

export function createHooks(world: SlackWorkspace, origin: () => string): Hooks {
  const triggers = new Map<
    string,
    { user: string; viewId?: string; atMs: number; used: boolean }
  >();
  const hooks = new Map<string, Hook>();
  const received: Received[] = [];

  return {
    received,
    makeTrigger(user, viewId) {
      const id = `${world.nextTs()}.${world.nextId("trigger").toLowerCase()}`;
      const from = viewId === undefined ? {} : { viewId };
      triggers.set(id, { user, ...from, atMs: world.nowMs(), used: false });
      return id;
    },
    takeTrigger(triggerId) {
      const trigger = triggers.get(triggerId);
      if (!trigger) return "unknown";
      if (trigger.used) return "used";
      if (world.nowMs() - trigger.atMs > TRIGGER_VALID_MS) return "expired";
      trigger.used = true;
      return trigger;
    },
    makeResponseUrl(source) {
      const path = `/response/${world.team.id}/${world.nextId("R")}`;
      const responses: Response[] = [];
      hooks.set(path, { source, madeAtMs: world.nowMs(), uses: 0, responses });
      return { url: `${origin()}${path}`, responses };
    },
    receive(path, body) {
      const hook = hooks.get(path);
      if (!hook) return refusal(404, "no_service");
      const reply = useHook(world, hook, body);
      const { user, channel } = hook.source;
      received.push(...hook.responses.slice(-1).map((one) => ({ ...one, user, channel })));
      world.changes.tell({ kind: "delivery", user: hook.source.user });
      return reply;
    },
  };
}

function useHook(world: SlackWorkspace, hook: Hook, body: Buffer): Reply {
  const args = asObject(parseJson(body.toString()));
  const note = (reply: Reply, shown: Response["shown"]): Reply => {
    const { status, body: answer } = reply;
    hook.responses.push({ atMs: world.nowMs(), status, answer, args: args ?? {}, shown });
    return reply;
  };
  if (world.nowMs() - hook.madeAtMs > RESPONSE_VALID_MS) {
    return note(refusal(404, "expired_url"), "nothing");
  }
  if (hook.uses >= RESPONSE_USES_MAX) return note(refusal(404, "used_url"), "nothing");
  if (!args) return note(refusal(400, "invalid_payload"), "nothing");
  try {
    const shown = showResponse(world, hook.source, args);
    hook.uses += 1;
    return note({ status: 200, headers: { "content-type": "text/html" }, body: "ok" }, shown);
  } catch (error) {
    if (!(error instanceof ApiFault)) throw error;
    return note(refusal(400, error.code), "nothing");
  }
}

function refusal(status: number, error: string): Reply {
  const body = JSON.stringify({ ok: false, error });
  return { status, headers: { "content-type": "application/json; charset=utf-8" }, body };
}

/** Shows an answer to an act, from a response URL or from the acknowledgement of a command. */
export function showResponse(world: SlackWorkspace, source: Source, args: Args): Response["shown"] {
  const original = findOriginal(world, source);
  if (isOn(args, "delete_original")) {
    if (original) removeOriginal(world, original);
    return original ? "deleted" : "nothing";
  }
  const given = readContent(world, args, { method: "response_url" });
  requireContent(given);
  const content = contentFrom(given, args);
  if (isOn(args, "replace_original") && original) {
    replaceOriginal(world, original, content);
    return "replaced";
  }
  const { channel, user } = source;
  const threadTs = optional(args, "thread_ts");
  if (optional(args, "response_type") === "in_channel") {
    const from = { user: world.bot.userId, byApp: true, threadTs };
    postMessage(world, { ...content, channel, ...from });
    return "in_channel";
  }
  const inThread = threadTs === undefined ? {} : { threadTs };
  showEphemeral(world, { ...content, channel, user, from: "app", ...inThread });
  return "ephemeral";
}

type Original = { message: Message } | { ephemeral: Ephemeral };

function findOriginal(world: SlackWorkspace, source: Source): Original | undefined {
  const { channel, messageTs, user } = source;
  if (messageTs === undefined) return undefined;
  const message = findMessage(world, channel, messageTs);
  if (message) return { message };
  const ephemeral = world.ephemerals.find((one) => one.ts === messageTs && one.user === user);
  return ephemeral && { ephemeral };
}

function removeOriginal(world: SlackWorkspace, original: Original): void {
  if ("message" in original) {
    deleteMessage(world, original.message);
    return;
  }
  world.ephemerals.splice(world.ephemerals.indexOf(original.ephemeral), 1);
  world.changes.tell({ kind: "ephemeral", user: original.ephemeral.user });
}

function replaceOriginal(world: SlackWorkspace, original: Original, content: Content): void {
  if ("message" in original) {
    editMessage(world, original.message, content);
    return;
  }
  Object.assign(original.ephemeral, content);
  world.changes.tell({ kind: "ephemeral", user: original.ephemeral.user });
}
