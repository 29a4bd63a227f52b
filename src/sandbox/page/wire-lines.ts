// What went over the wire, one line for each exchange: between Slack and the bot, and from the bot to Azure.

import type { Call } from "../azure/traffic.ts";
import type { ApiCall } from "../slack/api/serve.ts";
import type { Received } from "../slack/hooks.ts";
import { asList, asObject, asText, type Json, textAt } from "../slack/json.ts";
import type { Delivery } from "../slack/out/parcel.ts";
import type { SimulatedSlack } from "../slack/start.ts";
import type { WireLine } from "./page-state.ts";

export type Wires = {
  slack: SimulatedSlack;
  azure: { calls: readonly Call[] };
};

export type Known = { calls: number; deliveries: number; responses: number; azure: number };

export const known = ({ slack, azure }: Wires): Known => ({
  calls: slack.calls.length,
  deliveries: slack.deliveries.length,
  responses: slack.responses.length,
  azure: azure.calls.length,
});

/** The lines, oldest first, of everything after `from` (how many of each are known already). */
export function wireLines({ slack, azure }: Wires, from: Known): WireLine[] {
  const lines: WireLine[] = [
    ...slack.calls
      .slice(from.calls)
      .map((call, index) => callLine(slack, call, from.calls + index)),
    ...slack.deliveries
      .slice(from.deliveries)
      .map((one, index) => deliveryLine(slack, one, from.deliveries + index)),
    ...slack.responses
      .slice(from.responses)
      .map((one, index) => responseLine(slack, one, from.responses + index)),
    ...azure.calls.slice(from.azure).map((call, index) => azureLine(call, from.azure + index)),
  ];
  return lines.sort((a, b) => a.atMs - b.atMs);
}

/** What was said in the exchange, as JSON. */
export function wireDetail({ slack, azure }: Wires, id: string): Json | undefined {
  const index = Number(id.slice(1));
  if (id.startsWith("c")) {
    const call = slack.calls[index];
    return call && { sent: call.args, answered: call.answer ?? call.status };
  }
  if (id.startsWith("d")) {
    const one = slack.deliveries[index];
    return one && { sent: one.payload, answered: one.failure ?? one.body ?? one.status };
  }
  if (id.startsWith("r")) {
    const one = slack.responses[index];
    return one && { sent: one.args, answered: one.answer };
  }
  const call = azure.calls[index];
  return call && { path: call.path, query: call.query, sent: call.body, answered: call.answered };
}

function deliveryLine(slack: SimulatedSlack, one: Delivery, index: number): WireLine {
  const { payload, status, failure } = one;
  const answered = failure ?? `${status ?? "acknowledged"}${answerOf(one)}`;
  return {
    id: `d${index}`,
    atMs: one.atMs,
    from: "slack",
    to: "bot",
    what: `${nameOf(slack, whoIn(payload))}: ${whatIn(one)}${one.retry > 0 ? " (again)" : ""}`,
    outcome: answered,
    isGood: failure === undefined,
    isLook: one.kind === "options",
  };
}

function whoIn(payload: Json): string | undefined {
  return (
    asText(payload.user_id) ?? textAt(payload, "user", "id") ?? textAt(payload, "event", "user")
  );
}

function whatIn({ kind, type, payload }: Delivery): string {
  if (kind === "command") return `${type} ${asText(payload.text) ?? ""}`.trim();
  const [action] = asList(payload.actions) ?? [];
  const button = textAt(action, "text", "text");
  const actionId = textAt(action, "action_id") ?? asText(payload.action_id);
  if (button !== undefined) return `clicks ${button} (${actionId})`;
  if (actionId !== undefined) return `${type} ${actionId}`;
  const title = textAt(payload, "view", "title", "text");
  return title === undefined ? type : `${type} "${title}"`;
}

function answerOf({ body }: Delivery): string {
  const action = textAt(body, "response_action");
  if (action !== undefined) return `, ${action}`;
  const text = asText(body) ?? textAt(body, "text");
  return text ? `, "${short(text)}"` : "";
}

const LOOKS = /^(auth\.test|users\.|usergroups\.|conversations\.|team\.|bots\.|views\.publish)/;

function callLine(slack: SimulatedSlack, call: ApiCall, index: number): WireLine {
  const { method, args, status, answer } = call;
  const error = textAt(answer, "error");
  const isGood = status === 200 && error === undefined;
  const where = placeOf(slack, args);
  const said = asText(args.text);
  const text = said === undefined ? viewTitle(args) : slack.plainText({ text: said });
  return {
    id: `c${index}`,
    atMs: call.atMs,
    from: "bot",
    to: "slack",
    what: [method, where, text && `"${short(text)}"`].filter(Boolean).join(" "),
    outcome: isGood ? "ok" : (error ?? String(status)),
    isGood: isGood || status === "pending",
    isLook: isGood && LOOKS.test(method) && method !== "conversations.open",
  };
}

function placeOf(slack: SimulatedSlack, args: Json): string | undefined {
  const id = asText(args.channel) ?? asText(args.channel_id) ?? asText(args.users);
  if (id === undefined) return undefined;
  const channel = slack.world.channels.get(id);
  const person = slack.world.users.get(id) ?? slack.world.users.get(`U${id.slice(1)}`);
  if (channel?.kind === "im" || !channel) return `@${person?.name ?? id}`;
  const to = asText(args.user);
  return `#${channel.name}${to === undefined ? "" : ` (only ${nameOf(slack, to)})`}`;
}

function responseLine(slack: SimulatedSlack, one: Received, index: number): WireLine {
  const { atMs, status, answer, args, shown, user, channel } = one;
  const name = slack.world.channels.get(channel)?.name ?? channel;
  const to = shown === "ephemeral" ? ` (only ${nameOf(slack, user)})` : "";
  const text = slack.plainText({ text: asText(args.text) ?? "" });
  return {
    id: `r${index}`,
    atMs,
    from: "bot",
    to: "slack",
    what: `response_url #${name}${to} "${short(text)}"`,
    outcome: status === 200 ? "ok" : answer,
    isGood: status === 200,
    isLook: false,
  };
}

function viewTitle({ view }: Json): string | undefined {
  const parsed = typeof view === "string" ? asObject(JSON.parse(view)) : asObject(view);
  return textAt(parsed, "title", "text");
}

function azureLine(call: Call, index: number): WireLine {
  const { method, path, answered, atMs, body } = call;
  const isInitiate = path.endsWith("/initiate");
  const name = path.split("/").at(-1);
  const what = isInitiate
    ? `initiate ${portsIn(body)}`
    : /\/msi\/token$/.test(path)
      ? "a token of its own"
      : /ResourceGraph/i.test(path)
        ? "Resource Graph query"
        : /\/eventtypes\//i.test(path)
          ? "the Activity Log"
          : `${path.split("/").at(-2)}/${name}`;
  const isGood = typeof answered === "number" ? answered < 400 : answered === undefined;
  const isRead = method === "GET" || /ResourceGraph/i.test(path);
  return {
    id: `a${index}`,
    atMs,
    from: "bot",
    to: "azure",
    what: `${method} ${what}`,
    outcome: String(answered ?? "under way"),
    isGood,
    isLook: isRead && isGood,
  };
}

function portsIn(body: unknown): string {
  const machines = asList(asObject(body)?.virtualMachines) ?? [];
  return machines
    .flatMap((machine) => {
      const vm = textAt(machine, "id")?.split("/").at(-1);
      return (asList(asObject(machine)?.ports) ?? []).map((port) => {
        const { number, endTimeUtc, allowedSourceAddressPrefix: from } = asObject(port) ?? {};
        const until = String(endTimeUtc).slice(11, 16);
        return `${vm}:${number} from ${from} until ${until} UTC`;
      });
    })
    .join(", ");
}

function nameOf({ world }: SimulatedSlack, id: string | undefined): string {
  const user = world.users.get(id ?? "");
  return user?.realName.split(" ")[0] ?? id ?? "somebody";
}

const SHORT = 110;

function short(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > SHORT ? `${line.slice(0, SHORT - 1)}…` : line;
}
