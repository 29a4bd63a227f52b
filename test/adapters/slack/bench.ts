// The inbound adapter between a simulated Slack and a stub of the inbound port, over real sockets.

import { createHmac } from "node:crypto";
import { onTestFinished } from "vitest";
import { httpServer } from "../../../src/adapters/http/http-server.ts";
import { identify } from "../../../src/adapters/slack/client/bot-identity.ts";
import { slackClient } from "../../../src/adapters/slack/client/slack-client.ts";
import { type InboundLimits, slackInbound } from "../../../src/adapters/slack/slack-inbound.ts";
import { parseRequestId, type RequestId, type VmKey } from "../../../src/domain/text/ids.ts";
import { type Words, words } from "../../../src/domain/text/words.ts";
import type { Fault } from "../../../src/ports/fault.ts";
import type { Answer, Click, Dealing, Inbound, Sender } from "../../../src/ports/inbound.ts";
import type { Log } from "../../../src/ports/log.ts";
import type {
  FormDraft,
  RequestForm,
  SentForm,
  VmChoice,
} from "../../../src/ports/screens/request-form.ts";
import { type SimulatedSlack, startSlack } from "../../../src/sandbox/slack/start.ts";

const SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5";
export const BOT_TOKEN = "xoxb-of-the-bench";
export const APP_TOKEN = "xapp-1-A0JITBOT-1-of-the-bench";

export type InboundCall =
  | { act: "command"; sender: Sender; text: string }
  | { act: "click"; sender: Sender; click: Click }
  | { act: "audit-file"; sender: Sender; file: { asked: string; format: "csv" | "jsonl" } }
  | { act: "apply-change" | "drop-change" | "requeue"; sender: Sender; id: string }
  | { act: "deal-with"; sender: Sender; dealing: Dealing }
  | { act: "written"; sender: Sender; text: string }
  | { act: "ask-others"; sender: Sender; text: string }
  | { act: "restore"; sender: Sender; vm: VmKey }
  | { act: "page"; sender: Sender; turn: { asked: string; page: number } }
  | { act: "home"; sender: Sender }
  | { act: "deny"; sender: Sender; form: { id: RequestId; nonce: string; reason: string } }
  | {
      act: "extend";
      sender: Sender;
      form: { id: RequestId; nonce: string; duration: string; reason: string };
    }
  | { act: "open-form"; sender: Sender }
  | { act: "form"; sender: Sender; draft: FormDraft }
  | { act: "search"; sender: Sender; text: string }
  | { act: "send-form"; sender: Sender; form: SentForm }
  | { act: "ask"; sender: Sender; form: { id: RequestId; nonce: string; text: string } }
  | {
      act: "answer";
      sender: Sender;
      form: { id: RequestId; nonce: string; question: number; text: string };
    }
  | { act: "concern"; sender: Sender; form: { id: RequestId; nonce: string; text: string } }
  | {
      act: "approve-changed";
      sender: Sender;
      form: { id: RequestId; nonce: string; duration: string; source: string; note?: string };
    };

export const said = (...lines: Words[]): Answer => ({ answer: "said", lines });
export const NOTHING: Answer = { answer: "nothing" };

export const BLANK_FORM: RequestForm = {
  vm: undefined,
  choices: undefined,
  draft: {},
  problem: undefined,
  shut: undefined,
  filling: false,
};

/** An inbound port that notes what it is asked and answers what it is told to. */
export function stubInbound() {
  const calls: InboundCall[] = [];
  let answer: (call: InboundCall) => Answer | Promise<Answer> = () => NOTHING;
  let showing = async (_draft?: FormDraft): Promise<RequestForm> => BLANK_FORM;
  let found: readonly VmChoice[] = [];
  const take = async (call: InboundCall): Promise<Answer> => {
    calls.push(call);
    return answer(call);
  };
  const inbound: Inbound = {
    command: (sender, text) => take({ act: "command", sender, text }),
    click: (sender, click) => take({ act: "click", sender, click }),
    deny: (sender, form) => take({ act: "deny", sender, form }),
    peopleChanged: async () => {},
    applyChange: (sender, id) => take({ act: "apply-change", sender, id }),
    dropChange: (sender, id) => take({ act: "drop-change", sender, id }),
    dealWith: (sender, dealing) => take({ act: "deal-with", sender, dealing }),
    restore: (sender, vm) => take({ act: "restore", sender, vm }),
    askOthers: (sender, text) => take({ act: "ask-others", sender, text }),
    written: (sender, text) => take({ act: "written", sender, text }),
    requeue: (sender, member) => take({ act: "requeue", sender, id: member }),
    auditFile: (sender, file) => take({ act: "audit-file", sender, file }),
    page: (sender, turn) => take({ act: "page", sender, turn }),
    addressPage: {
      look: async () => ({ page: "unknown" }),
      press: async () => ({ page: "unknown" }),
    },
    openHome: async (sender) => {
      await take({ act: "home", sender });
    },
    extend: (sender, form) => take({ act: "extend", sender, form }),
    openForm: (sender) => {
      calls.push({ act: "open-form", sender });
      return { answer: "request-form", form: BLANK_FORM, later: showing(), otherwise: [SENTENCE] };
    },
    form: (sender, draft) => {
      calls.push({ act: "form", sender, draft });
      return showing(draft);
    },
    searchVms: async (sender, text) => {
      calls.push({ act: "search", sender, text });
      return { bundles: [], vms: found };
    },
    sendForm: (sender, form) => take({ act: "send-form", sender, form }),
    concern: (sender, form) => take({ act: "concern", sender, form }),
    ask: (sender, form) => take({ act: "ask", sender, form }),
    answer: (sender, form) => take({ act: "answer", sender, form }),
    approveChanged: (sender, form) => take({ act: "approve-changed", sender, form }),
  };
  return {
    inbound,
    calls,
    answers(with_: Answer | ((call: InboundCall) => Answer | Promise<Answer>)) {
      answer = typeof with_ === "function" ? with_ : () => with_;
    },
    /** The request form from now on, and which VMs a search finds. */
    shows(form: (draft?: FormDraft) => Promise<RequestForm>, vms: readonly VmChoice[] = []) {
      showing = form;
      found = vms;
    },
  };
}

export type LogLine = { level: keyof Log; facts: object; text: string };

export function notingLog(): Log & { lines: LogLine[]; text(): string } {
  const lines: LogLine[] = [];
  const at =
    (level: keyof Log) =>
    (facts: object, text: string): void => {
      lines.push({ level, facts, text });
    };
  return {
    lines,
    text: () => JSON.stringify(lines, (_, value) => (value instanceof Error ? value.stack : value)),
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
  };
}

export type BenchOptions = {
  mode?: "http" | "socket";
  limits?: Partial<InboundLimits>;
  /** Of the client that asks Slack. */
  callMs?: number;
  scopes?: string[];
};

export async function bench(options: BenchOptions = {}) {
  const { mode = "http", limits = {}, callMs = 8_000 } = options;
  const slack = await startSlack({
    nowMs: Date.now,
    signingSecret: SIGNING_SECRET,
    botToken: BOT_TOKEN,
    appToken: APP_TOKEN,
    socketMode: mode === "socket",
    switches: { rateLimits: "off" },
    ...(options.scopes && { scopes: options.scopes }),
  });
  const log = notingLog();
  const stub = stubInbound();
  const client = slackClient(BOT_TOKEN, slack.url, { timeoutMs: callMs });
  const identity = await identify(client);
  const server = httpServer({ log });
  const lost: Fault[] = [];
  const common = { botToken: BOT_TOKEN, apiUrl: slack.url };
  const inbound = slackInbound({
    settings:
      mode === "http"
        ? { ...common, mode, signingSecret: SIGNING_SECRET }
        : { ...common, mode, appToken: APP_TOKEN },
    identity,
    inbound: stub.inbound,
    client,
    log,
    server,
    onLost: (fault) => lost.push(fault),
    limits,
  });
  const port = await server.start(0);
  const url = `http://127.0.0.1:${port}/slack/events`;
  if (mode === "http") slack.setEventsUrl(url);
  onTestFinished(async () => {
    await inbound.stop();
    await server.close(0);
    await slack.close();
  });
  return { slack, log, stub, client, identity, server, inbound, lost, url, port };
}

export async function started(options: BenchOptions = {}) {
  const made = await bench(options);
  await made.inbound.start();
  return made;
}

export const ID = parseRequestId("JIT-ABC123") as RequestId;
export const NONCE = "n0nce_-1";

/** Puts a message with one button into a channel, as a card would be. */
export async function postButton(
  { client }: { client: ReturnType<typeof slackClient> },
  button: { actionId: string; value?: string; channel?: string },
): Promise<string> {
  const { actionId, value = `${ID} ${NONCE}`, channel = "C0PROD" } = button;
  const text = { type: "plain_text" as const, text: "Press" };
  const posted = await client.chat.postMessage({
    channel,
    text: "A card",
    blocks: [{ type: "actions", elements: [{ type: "button", action_id: actionId, text, value }] }],
  });
  return posted.ts ?? "";
}

/** Everything that a person was told privately, oldest first. */
export const toldTo = (slack: SimulatedSlack, user: string): string[] => [
  ...slack.world.ephemerals
    .filter((one) => one.user === user && one.from === "app")
    .map((one) => one.text),
  ...[...slack.world.channels.values()]
    .filter((channel) => channel.kind === "im" && channel.members.includes(user))
    .flatMap((channel) => slack.world.messages.get(channel.id) ?? [])
    .map((message) => message.text),
];

export const FORM = "application/x-www-form-urlencoded";

type Signing = { secret?: string; offsetSeconds?: number; contentType?: string };

/** The headers with which Slack would send this body. */
export function signed(body: string | Buffer, signing: Signing = {}): Record<string, string> {
  const { secret = SIGNING_SECRET, offsetSeconds = 0, contentType = FORM } = signing;
  const timestamp = String(Math.floor(Date.now() / 1_000) + offsetSeconds);
  const mac = createHmac("sha256", secret).update(`v0:${timestamp}:`).update(body).digest("hex");
  return {
    "content-type": contentType,
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": `v0=${mac}`,
  };
}

export const post = (
  url: string,
  body: string | Buffer,
  headers: Record<string, string>,
): Promise<Response> =>
  fetch(url, {
    method: "POST",
    body: body as string,
    headers,
    signal: AbortSignal.timeout(15_000),
  });

/** A slash command as Slack writes it. */
export const commandBody = (fields: Record<string, string> = {}): string =>
  new URLSearchParams({
    token: "unused",
    team_id: "T0HOME",
    channel_id: "C0PROD",
    user_id: "U0ERIN",
    command: "/jit",
    text: "help",
    api_app_id: "A0JITBOT",
    trigger_id: "1.2.abc",
    ...fields,
  }).toString();

export const SENTENCE = words`Ask ${{ user: "U0LEAD" as never }} & <!channel>.`;
export const SENTENCE_SHOWN = "Ask <@U0LEAD> &amp; &lt;!channel&gt;.";
