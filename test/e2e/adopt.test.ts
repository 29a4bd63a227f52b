// Openings by others, dealt with: an admin closes or adopts them on the notice, each once over two replicas.

import { afterAll, beforeAll, expect, it } from "vitest";
import { doors, type FaultWorld, faultWorld, shows, soon, until } from "../faults/steps.ts";
import { idIn } from "../support/people.ts";
import { POLICY } from "../support/world.ts";

const ERIN = "erin@contoso.example";
const BARBARA = "barbara@contoso.com";

let world: FaultWorld;
let bots: Awaited<ReturnType<FaultWorld["startBot"]>>[];
beforeAll(async () => {
  const policy = POLICY.replace(
    "admins: { users: [U0ADMIN] }",
    "admins: { users: [U0ADMIN, U0LEAD] }",
  );
  world = await faultWorld({ policy: `${policy}\nwatch: { every: 1s }\n` });
  world.azure.switches.activityDelayMs = 0;
  bots = await Promise.all([world.startBot(), world.startBot()]);
});
afterAll(() => world?.close());

/** Somebody opens a port in the portal; answers the message that tells of it. */
async function toldOf(vm: string, port: number, by: string): Promise<string> {
  world.azure.elsewhere.open({ vm, ports: [port], source: "203.0.113.77", minutes: 60, by });
  const name = vm.split("/").at(-1) ?? vm;
  const message = await soon(world, `the notice of ${vm}`, () =>
    world.slack
      .messages("C0NOTICES")
      .find((one) => world.slack.plainText(one).includes(`${name}, ${port}`)),
  );
  return message.ts;
}

type Pressing = { readonly user?: string; readonly at?: number };

/** Presses on the notice, through one of the replicas; answers what that person alone is told. */
async function pressed(ts: string, act: "close" | "adopt", how: Pressing = {}): Promise<string> {
  const { user = "U0ADMIN", at = 0 } = how;
  const before = world.slack.ephemerals(user).length;
  world.slack.setEventsUrl(`${bots[at]?.url}/slack/events`);
  const click = { user, channel: "C0NOTICES", ts, actionId: `jit.opening.${act}` };
  await world.slack.click({ ...click, ...(act === "close" && { confirmed: true }) });
  const answer = await soon(
    world,
    `${user} to be told`,
    () => world.slack.ephemerals(user)[before],
  );
  return world.slack.plainText(answer);
}

const audited = async (what: string) =>
  (await world.memory.redis.xrange(world.memory.keys.audit, "-", "+"))
    .map(([, fields]) => JSON.parse(fields[1] ?? "{}"))
    .filter((entry) => entry.what === what);

const stateOf = async (id: string) => (await world.memory.request(id)).state;

it("is closed once however many admins press, and is seen closed in Azure", async () => {
  const ts = await toldOf("vm-01", 3389, BARBARA);
  const refusal = await pressed(ts, "close", { user: "U0SAM" });
  expect(refusal).toContain("Only admins can close what others opened.");
  expect(await audited("refused")).toMatchObject([{ detail: { why: "not-yours" } }]);
  const answers = await Promise.all([
    pressed(ts, "close", { user: "U0ADMIN", at: 0 }),
    pressed(ts, "close", { user: "U0LEAD", at: 1 }),
  ]);
  const ids = answers.map(idIn);
  expect(new Set(ids).size).toBe(1);
  expect(answers.filter((one) => one.startsWith("Closing 3389 (RDP) on vm-01"))).toHaveLength(1);
  const [id = ""] = ids;
  await shows(world, { id, channel: "C0PROD" }, "Azure shows it closed", {
    stepMs: 2_000,
  });
  await shows(world, { id, channel: "C0PROD" }, `Opened in Azure by ${BARBARA}, not by this bot`);
  expect(doors(world, "vm-01")).toEqual([]);
  expect(await world.memory.request(id)).toMatchObject({ state: "ended", how: "early" });
  expect(await audited("adopted")).toHaveLength(1);
  expect(await pressed(ts, "close")).toContain(`as ${id}, which is Ended`);
});

it("becomes the request of who opened it, and somebody else reviews it", async () => {
  const ts = await toldOf("win-02", 3389, ERIN);
  expect(await pressed(ts, "adopt", { user: "U0SAM" })).toContain(
    "Only admins can adopt what others opened.",
  );
  const answer = await pressed(ts, "adopt", { at: 1 });
  expect(answer).toContain("Adopted 3389 (RDP) on win-02");
  const id = idIn(answer);
  expect(await pressed(ts, "adopt")).toContain(`as ${id}, which is Open`);
  expect(await world.memory.request(id)).toMatchObject({
    state: "open",
    ask: { requester: "U0ERIN", source: "203.0.113.77" },
  });
  const card = await shows(world, { id, channel: "C0PROD" }, "Needs a review");
  expect(card).toContain(`Opened in Azure by ${ERIN}, not by this bot`);
  const own = await typedAs("U0ERIN", `review ${id} ok`);
  expect(own).toContain("somebody else has to review it");
  const reviewed = await typedAs("U0LEAD", `review ${id} ok`);
  expect(reviewed).toBe(`Your review of ${id} is recorded: the access was justified.`);
  await shows(world, { id, channel: "C0PROD" }, "justified");
  // Its entry at Azure is the request's own now: somebody closes it there, and that is seen.
  world.advance(60_000);
  world.azure.elsewhere.close({ vm: "win-02", port: 3389 });
  await until(world, "its end", async () => (await stateOf(id)) === "ended");
  expect(await world.memory.request(id)).toMatchObject({ how: "elsewhere" });
});

async function typedAs(user: string, text: string): Promise<string> {
  const before = world.slack.ephemerals(user).length;
  await world.slack.command({ user, channel: "C0PROD", command: "/jit", text });
  const answer = await soon(
    world,
    `${user} to be answered`,
    () => world.slack.ephemerals(user)[before],
  );
  return world.slack.plainText(answer);
}

it("is closed although the replica dies after the click", async () => {
  const ts = await toldOf("rg-prod-shop/web-01", 3389, BARBARA);
  const id = idIn(await pressed(ts, "close", { at: 1 }));
  await bots[1]?.kill();
  world.advance(61_000);
  await until(world, "its end", async () => (await stateOf(id)) === "ended", { stepMs: 2_000 });
  expect(doors(world, "rg-prod-shop/web-01")).toEqual([]);
});

it("is left alone where Azure shows nothing open any more", async () => {
  const ts = await toldOf("jump-01", 22, BARBARA);
  world.azure.elsewhere.close({ vm: "jump-01", port: 22 });
  expect(await pressed(ts, "close")).toContain("Azure no longer shows it open");
  expect(await audited("adopted")).toHaveLength(3);
});
