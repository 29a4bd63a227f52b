// The floor that the bot is measured against: bare Bolt, web client and Azure SDK. It makes the outward calls
// of the same life and keeps nothing: no checks, no memory beyond the process, no retries, no Redis.

import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { SecurityCenter } from "@azure/arm-security";
import { DefaultAzureCredential } from "@azure/identity";
import { App, LogLevel, type types } from "@slack/bolt";
import { sendRest } from "../../src/adapters/azure/client/rest.ts";
import { leadOf, NOTICES } from "./estate.ts";
import { ADDRESS, button, facts, HELP, says } from "./floor-texts.ts";

type KnownBlock = types.KnownBlock;

const env = (name: string) => process.env[name] ?? "";
const [, , subscription = "", , group = "", , , , location = "", , name = ""] =
  env("FLOOR_POLICY").split("/");
const place = [group, location, name] as const;

const app = new App({
  token: env("SLACK_BOT_TOKEN"),
  signingSecret: env("SLACK_SIGNING_SECRET"),
  clientOptions: { slackApiUrl: env("SLACK_API_URL") },
  convoStore: false,
  logLevel: LogLevel.ERROR,
});
const { client } = app;
const azure = new SecurityCenter(new DefaultAzureCredential(), subscription, {
  endpoint: env("AZURE_RESOURCE_MANAGER_URL"),
  credentialScopes: ["https://management.azure.com/.default"],
});
const { jitNetworkAccessPolicies: policies } = azure;

type Life = {
  readonly id: string;
  readonly user: string;
  readonly direct: string;
  readonly vm: string;
  readonly channel: string;
  readonly reason: string;
  readonly minutes: number;
  ts: string;
  directTs: string;
};

const NOTICES_MERGED_MS = 1_500;
const NOTICES_EVERY_MS = 5_000;
const lives = new Map<string, Life>();
const directChannels = new Map<string, Promise<string>>();
const knownChannels = new Map<string, Promise<unknown>>();
const knownPeople = new Map<string, Promise<unknown>>();

function once<T>(known: Map<string, Promise<T>>, key: string, find: () => Promise<T>): Promise<T> {
  const found = known.get(key) ?? find();
  known.set(key, found);
  return found;
}

async function openDirect(users: string): Promise<string> {
  const { channel } = await client.conversations.open({ users });
  return channel?.id ?? "";
}

const PLAIN = { unfurl_links: false, unfurl_media: false } as const;

const post = (channel: string, text: string, blocks: KnownBlock[]) =>
  client.chat.postMessage({ channel, text, blocks, ...PLAIN });

const card = (life: Life, state: string, ...buttons: string[]) => ({
  text: `${state}: <@${life.user}>, 22 (SSH) on ${life.vm} (${life.id})`,
  blocks: facts(life, state, buttons),
  metadata: { event_type: "jit_request", event_payload: { id: life.id, version: 1 } },
});

const editCard = (life: Life, state: string) =>
  client.chat.update({
    channel: life.channel,
    ts: life.ts,
    ...card(life, state, ...(state === "Ended" ? [] : ["end"])),
  });

/** The one direct message: posted once, edited in place. */
const direct = (life: Life, state: string, more: KnownBlock[] = []) => ({
  channel: life.direct,
  text: `${state}: ${life.vm}`,
  blocks: [...says(`*${state}*: \`22\` (SSH) on \`${life.vm}\`, \`${life.id}\``), ...more],
});

const editDirect = (life: Life, state: string, more: KnownBlock[] = []) =>
  client.chat.update({ ...direct(life, state, more), ts: life.directTs });

const person = (user: string) => client.users.info({ user });
const reach = (channel: string) => client.conversations.info({ channel });

app.command("/jit", async ({ ack, command, respond }) => {
  await ack();
  const [verb = "", vm = "", , duration = "", , ...reason] = command.text.split(" ");
  const answer = (text: string) =>
    respond({ response_type: "ephemeral", text, blocks: says(text) });
  if (verb === "help") {
    await answer(HELP);
    return;
  }
  await person(command.user_id);
  const { channel_id } = command;
  await once(knownChannels, channel_id, () => reach(channel_id));
  if (!vm.startsWith("bench-")) {
    await answer(`There is no VM \`${vm}\` that you may ask for: look at \`/jit help\`.`);
    return;
  }
  const life: Life = {
    id: `JIT-${randomUUID().slice(0, 6).toUpperCase()}`,
    user: command.user_id,
    direct: await once(directChannels, command.user_id, () => openDirect(command.user_id)),
    vm,
    channel: vm.replace("bench-", "C0BENCH"),
    reason: reason.join(" "),
    minutes: duration === "1m" ? 1 : 120,
    ts: "",
    directTs: "",
  };
  lives.set(life.id, life);
  const approver = leadOf(Number(vm.slice(-3)));
  await once(knownPeople, approver, () => person(approver));
  await once(knownChannels, life.channel, () => reach(life.channel));
  const [posted, told] = await Promise.all([
    client.chat.postMessage({
      channel: life.channel,
      ...card(life, "Pending", "approve", "deny", "cancel"),
      ...PLAIN,
    }),
    client.chat.postMessage({ ...direct(life, "Pending"), ...PLAIN }),
    answer(`Asked: *${life.id}*, port 22 of *${vm}* for ${duration}. The approvers see it.`),
  ]);
  life.ts = posted.ts ?? "";
  life.directTs = told.ts ?? "";
});

app.action("jit.approve", async ({ ack, body, action }) => {
  await ack();
  const life = lives.get("value" in action ? (action.value ?? "") : "");
  if (life === undefined) return;
  await Promise.all([person(body.user.id), person(life.user), readVm(life), readPolicy()]);
  const endsAtMs = Date.now() + life.minutes * 60_000;
  await Promise.all([editCard(life, "Opening"), initiate(life, endsAtMs)]);
  await Promise.all([editCard(life, "Accepted"), open(life)]);
  await Promise.all([
    editCard(life, "Open"),
    editDirect(life, "Open", [...says(`\`ssh ${ADDRESS}\``), button("end", life.id)]),
  ]);
  await wait(Math.max(0, endsAtMs - (life.minutes * 60_000) / 3 - Date.now()));
  const soon = says(`Port 22 of \`${life.vm}\` ends soon.`);
  const { ts: warning = "" } = await post(life.direct, "Ends soon.", [
    ...soon,
    button("end", life.id),
  ]);
  await wait(Math.max(0, endsAtMs - Date.now()));
  await readPolicy();
  await editCard(life, "Ended");
  notice(`Ended: port 22 of \`${life.vm}\` for <@${life.user}> (${life.id})`);
  await wait(LOOKS_ONCE_MORE_MS);
  await Promise.all([readPolicy(), reach(life.channel)]);
  await Promise.all([
    editCard(life, "Ended"),
    editDirect(life, "Ended"),
    // The warning offers nothing any more.
    client.chat.update({ channel: life.direct, ts: warning, text: "Ends soon.", blocks: soon }),
  ]);
  lives.delete(life.id);
});

/** After the end it is looked whether Azure has closed the port. */
const LOOKS_ONCE_MORE_MS = 3_000;

const readPolicy = () => policies.get(...place);

/** No SDK that is there reads a VM: a plain request through the pipeline of one. */
const readVm = ({ vm }: Life) =>
  sendRest(azure, {
    method: "GET",
    url: `${env("AZURE_RESOURCE_MANAGER_URL")}${env("FLOOR_VMS")}/${vm}?api-version=2024-07-01`,
    signal: AbortSignal.timeout(10_000),
  });

async function open(life: Life): Promise<void> {
  while (!(await isOpen(life))) await wait(1_000);
}

async function isOpen({ id }: Life): Promise<boolean> {
  const { requests = [] } = await readPolicy();
  const ours = requests.find((one) => one.justification?.startsWith(id));
  const status: string | undefined = ours?.virtualMachines[0]?.ports[0]?.status;
  return status === "Initiated";
}

const initiate = (life: Life, endsAtMs: number) =>
  policies.initiate(...place, {
    virtualMachines: [
      {
        id: `${env("FLOOR_VMS")}/${life.vm}`,
        ports: [
          {
            number: 22,
            allowedSourceAddressPrefix: "203.0.113.0/24",
            endTimeUtc: new Date(endsAtMs),
          },
        ],
      },
    ],
    justification: `${life.id} for ${life.user}: ${life.reason}`,
  });

/** Notices that fall together become one message, as the bot's do: it has a rate, too. */
let notices: string[] = [];
let mayPostAtMs = 0;
function notice(text: string): void {
  notices.push(text);
  if (notices.length > 1) return;
  const inMs = Math.max(NOTICES_MERGED_MS, mayPostAtMs - Date.now());
  mayPostAtMs = Date.now() + inMs + NOTICES_EVERY_MS;
  setTimeout(() => {
    const lines = notices;
    notices = [];
    void post(NOTICES, lines.join("\n"), says(lines.join("\n")));
  }, inMs);
}

await app.start({ port: Number(env("PORT")), host: "127.0.0.1" });
process.once("SIGTERM", () => process.exit(0));
