// One process: the simulated Slack and Azure of one measured program, and the people who use it.

import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { startAzure } from "../../src/sandbox/azure/azure-server.ts";
import { startSlack } from "../../src/sandbox/slack/start.ts";
import {
  benchAzure,
  benchWorkspace,
  channelOf,
  GENERAL,
  leadOf,
  MANY,
  MANY_CHANNEL,
  MANY_LEAD,
  MANY_PERSON,
  manyName,
  PLACES,
  personOf,
  REASON,
  vmName,
} from "./estate.ts";
import { answer } from "./rpc.ts";

export type Served = {
  readonly slackUrl: string;
  /** A response URL for commands that no simulated person typed: takes anything, and counts it. */
  readonly answersUrl: string;
  readonly signingSecret: string;
  readonly botToken: string;
  readonly azureUrl: string;
  readonly identityEndpoint: string;
  readonly identityHeader: string;
  readonly caFile: string;
  /** The one JIT policy, and where its VMs are. */
  readonly policyId: string;
  readonly vmsId: string;
};

/** How often each method of Slack's and each operation of Azure's was called. */
export type Calls = Readonly<Record<string, number>>;

/** A grant lasts at least a minute; the rest is for a machine that is busy. */
const LIFE_WITHIN_MS = 150_000;

const signingSecret = "8f742231b10e8888abcd99yyyzzz85a5";
const botToken = "xoxb-000-bench";
let answers = 0;

const azure = await startAzure({ nowMs: Date.now, world: benchAzure() });
const slack = await startSlack({
  nowMs: Date.now,
  signingSecret,
  botToken,
  workspace: benchWorkspace(),
  // Both programs would be stopped by them, at different moments.
  switches: { rateLimits: "off" },
  fallback: takeAnswer,
});

function takeAnswer(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  request.once("end", () => {
    answers += 1;
    response.writeHead(200, { "content-type": "text/html" }).end("ok");
  });
}

type Life = { readonly place: number; readonly duration: string };

const cardIn = (place: number, known: number) => slack.messages(channelOf(place))[known];

/** Asks and approves; answers when the card says `state`. */
async function play({ place, duration }: Life, state: "Open" | "Ended"): Promise<void> {
  const channel = channelOf(place);
  const known = slack.messages(channel).length;
  const wait = { timeoutMs: LIFE_WITHIN_MS };
  await slack.command({
    user: personOf(place),
    channel: GENERAL,
    text: `request ${vmName(place)} 22 ${duration} for ${REASON}`,
  });
  const card = await slack.waitFor(() => cardIn(place, known), { ...wait, what: "a card" });
  await slack.click({ user: leadOf(place), channel, ts: card.ts, actionId: "jit.approve" });
  await slack.waitFor(() => cardIn(place, known)?.text.startsWith(`${state}:`), {
    ...wait,
    what: `the card to say ${state}`,
  });
}

/** Requests these VMs of the one rule and approves; answers when the card says that it is over. */
async function playMany(vms: readonly string[]): Promise<void> {
  const wait = { timeoutMs: LIFE_WITHIN_MS };
  const known = new Set(slack.messages(MANY_CHANNEL).map(({ ts }) => ts));
  const find = () =>
    slack
      .messages(MANY_CHANNEL)
      .find(({ ts, text }) => !known.has(ts) && text.includes(vms[0] ?? ""));
  const text = `request ${vms.join(",")} 22 1m for ${REASON}`;
  await slack.command({ user: MANY_PERSON, channel: GENERAL, text });
  const { ts } = await slack.waitFor(find, { ...wait, what: "a card" });
  await slack.click({ user: MANY_LEAD, channel: MANY_CHANNEL, ts, actionId: "jit.approve" });
  await slack.waitFor(() => find()?.text.startsWith("Ended:"), { ...wait, what: "the end" });
}

/** One after the other has its turn: a person's clicks are limited. */
const TURN_MS = 2_500;

async function playOneByOne(): Promise<void> {
  const playing: Promise<void>[] = [];
  for (let n = 0; n < MANY; n++) {
    playing.push(playMany([manyName(n)]));
    await sleep(TURN_MS);
  }
  await Promise.all(playing);
}

/** Asks and approves; answers when Azure has opened the port, and does not say so. */
async function hangAtAzure(place: number): Promise<void> {
  const channel = channelOf(place);
  const known = slack.messages(channel).length;
  const wait = { timeoutMs: LIFE_WITHIN_MS };
  const id = azure.faults.add({ path: "/initiate", when: "after", act: "hang", times: 1 });
  await slack.command({
    user: personOf(place),
    channel: GENERAL,
    text: `request ${vmName(place)} 22 2h for ${REASON}`,
  });
  const card = await slack.waitFor(() => cardIn(place, known), { ...wait, what: "a card" });
  await slack.click({ user: leadOf(place), channel, ts: card.ts, actionId: "jit.approve" });
  await until(() => azure.faults.list().some((one) => one.id === id && one.befell > 0));
}

const policyCalls = () =>
  azure.calls.filter(({ path }) => /jitNetworkAccessPolicies\//i.test(path)).length;

async function nextPolicyCall(): Promise<number> {
  const before = policyCalls();
  await until(() => policyCalls() > before);
  return Date.now();
}

const LOOKS_EVERY_MS = 2;

async function until(isSo: () => boolean): Promise<void> {
  const untilMs = Date.now() + LIFE_WITHIN_MS;
  while (!isSo()) {
    if (Date.now() > untilMs) throw new Error("Azure was not called.");
    await sleep(LOOKS_EVERY_MS);
  }
}

function callsOf(): Calls {
  const counts = new Map<string, number>();
  const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const call of slack.calls) count(`Slack ${call.method}`);
  for (const call of azure.calls) count(`Azure ${azureOperation(call)}`);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function azureOperation({ method, path }: { method: string; path: string }): string {
  if (path.endsWith("/initiate")) return "initiate";
  if (/\/jitNetworkAccessPolicies\/[^/]+$/i.test(path)) return "read a policy";
  if (/\/virtualMachines\/[^/]+$/i.test(path)) return "read a VM";
  if (/ResourceGraph/i.test(path)) return "read all VMs";
  if (/\/eventtypes\//i.test(path)) return "read the Activity Log";
  if (/jitNetworkAccessPolicies$/i.test(path)) return "list policies";
  return path.startsWith("/msi/") ? "token" : `${method} ${path}`;
}

const [jitPolicy] = azure.world.policies.values();
const [anyVm] = azure.world.vms.values();

const served: Served = {
  slackUrl: slack.url,
  answersUrl: `${slack.origin}/answers`,
  signingSecret,
  botToken,
  azureUrl: azure.url,
  identityEndpoint: azure.identityEndpoint,
  identityHeader: azure.identityHeader,
  caFile: azure.caFile,
  policyId: jitPolicy?.id ?? "",
  vmsId: anyVm?.id.replace(/\/[^/]+$/, "") ?? "",
};

answer({
  served: () => served,
  pointTo: (url: string) => slack.setEventsUrl(url),
  answers: () => answers,
  cards: () =>
    Array.from({ length: PLACES }, (_, place) => slack.messages(channelOf(place)).length).reduce(
      (sum, count) => sum + count,
      0,
    ),
  wholeLife: (place: number) => play({ place, duration: "1m" }, "Ended"),
  openGrant: (place: number) => play({ place, duration: "2h" }, "Open"),
  together: () => playMany(Array.from({ length: MANY }, (_, n) => manyName(n))),
  oneByOne: playOneByOne,
  hangAtAzure,
  nextPolicyCall,
  calls: callsOf,
  forgetCalls: () => {
    slack.calls.length = 0;
    slack.deliveries.length = 0;
    azure.reset(azure.world);
  },
});
