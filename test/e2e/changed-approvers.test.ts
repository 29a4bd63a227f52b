// The policy file changes while requests wait: card, direct message and status name who decides now, on every replica's word.

import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { ask, cardOf, cardSays, idIn, initiates, typed } from "../support/people.ts";
import { type Bot, POLICY, startWorld, type TestWorld } from "../support/world.ts";

const withApprovers = (users: string, more = ""): string =>
  POLICY.replace(
    "approvers: { users: [U0LEAD], groups: [S0ONCALL] }",
    `approvers: { users: [${users}] }${more}`,
  );

const FIRST = withApprovers("U0LEAD, U0OMAR");
const SECOND = withApprovers("U0OMAR, U0ADMIN", "\n    approvals: 2");
const GONE = FIRST.replace("name: production", "name: live");

let world: TestWorld;
let bots: readonly [Bot, Bot];
const folder = mkdtempSync(join(tmpdir(), "jit-approvers-"));
const file = join(folder, "jit.yaml");
const env = { JIT_CONFIG: file };

beforeAll(async () => {
  writeFileSync(file, FIRST);
  world = await startWorld();
  bots = [await world.startBot({ env }), await world.startBot({ env })];
}, 60_000);
afterAll(async () => {
  await world?.close();
  rmSync(folder, { recursive: true, force: true });
});

const until = (what: string, said: () => string | undefined): Promise<string> =>
  world.slack.waitFor(said, { what, timeoutMs: 20_000 });

/** What its requester reads about it in the conversation with the bot. */
const direct = (id: string, text: string): Promise<string> =>
  until(`the message about ${id} to say ${text}`, () =>
    world.slack
      .direct("U0ERIN")
      .map((one) => world.slack.plainText(one))
      .find((said) => said.includes(id) && said.includes(text)),
  );

/** How often the card was edited. */
const editsOf = (ts: string): number =>
  world.slack.callsTo("chat.update").filter(({ args }) => args.ts === ts).length;

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Puts it in force on both replicas. */
async function change(text: string): Promise<void> {
  writeFileSync(file, text);
  const has = async ({ url }: Bot) =>
    (await (await fetch(`${url}/readyz`)).text()).includes(hashOf(text).slice(0, 12));
  await eventually(async () => expect(await Promise.all(bots.map(has))).toEqual([true, true]));
}

/** What the next command or click goes to. */
const through = (bot: Bot) => world.slack.setEventsUrl(`${bot.url}/slack/events`);

/** What anybody was sent, but for notices: those about the VMs come when they come. */
const posts = () =>
  world.slack
    .callsTo("chat.postMessage")
    .filter(({ args }) => args.channel !== "C0NOTICES")
    .map(({ args }) => `${args.channel} ${args.text}`);

const press = (user: string, { ts }: { ts: string }) =>
  world.slack.click({ user, channel: "C0PROD", ts, actionId: "jit.approve" });

describe("approvers that change while a request waits", () => {
  it("are named as they are now, with how many it needs, and as before when the file goes back", async () => {
    const { id, card } = await ask(world, "vm-01 3389 1h");
    const before = await cardSays(world, { id }, "Approvers:");
    expect(before).toContain("Needs 1 approval.");
    expect(before).toContain("Approvers: @lea or @omar.");
    await direct(id, "Approvers: @lea or @omar.");
    const pings = posts();
    const edited = editsOf(card.ts);

    await change(SECOND);
    const changed = await cardSays(world, { id }, "Approvers: @omar or @ada.");
    expect(changed).toContain("Needs 2 approvals from different people.");
    expect(changed).toContain("0 of 2 approvals");
    expect(changed).not.toContain("@lea");
    expect(await direct(id, "Approvers: @omar or @ada.")).toContain("Needs 2 approvals");
    for (const bot of bots) {
      through(bot);
      const status = await typed(world, "U0ERIN", `status ${id}`);
      expect(status).toContain("Approvers: @omar or @ada.");
      expect(status).toContain("Needs 2 approvals");
      expect(status).not.toContain("@lea");
      expect(await typed(world, "U0ERIN", "list mine")).toContain("0 of 2 approvals");
    }

    await change(FIRST);
    const back = await cardSays(world, { id }, "Approvers: @lea or @omar.");
    expect(back).toContain("Needs 1 approval.");
    expect(back).not.toContain("@ada");
    await direct(id, "Approvers: @lea or @omar.");
    expect(await typed(world, "U0ERIN", `status ${id}`)).toContain("Approvers: @lea or @omar.");

    // The two changes edited it once each, whichever replica heard of them last; and nobody was notified.
    await change(SECOND);
    await cardSays(world, { id }, "Approvers: @omar or @ada.");
    expect(editsOf(card.ts)).toBe(edited + 3);
    expect(posts()).toEqual(pings);

    const sent = initiates(world).length;
    await press("U0LEAD", card);
    await until("Lea's refusal", () =>
      world.slack
        .ephemerals("U0LEAD")
        .map((one) => world.slack.plainText(one))
        .find((said) => said.includes("not an approver")),
    );
    await press("U0ADMIN", card);
    expect(await cardSays(world, { id }, "1 more approval needed")).toContain("Approvers: @omar.");
    await press("U0OMAR", card);
    await cardSays(world, { id }, "Approved by @ada and @omar.");
    await world.slack.waitFor(() => initiates(world).length > sent);
  }, 90_000);

  it("are named for several VMs on one card, and who could decide is asked in vain under a rule that is gone", async () => {
    await change(FIRST);
    const id = idIn(await typed(world, "U0ERIN", "request web-02,jump-01 22 1h"));
    await cardOf(world, id);
    await cardSays(world, { id }, "Approvers: @lea or @omar.");
    await change(SECOND);
    const changed = await cardSays(world, { id }, "Approvers: @omar or @ada.");
    await eventually(async () =>
      expect(await cardSays(world, { id }, "Approvers:")).not.toContain("@lea"),
    );
    expect(changed).toContain("Needs 2 approvals");
    await change(GONE);
    const gone = await cardSays(world, { id }, "no longer exists");
    expect(gone).toContain("Nobody can approve this now: the rule production no longer exists");
    await eventually(async () =>
      expect(await cardSays(world, { id }, "no longer exists")).not.toContain("Approvers:"),
    );
    await change(FIRST);
    await eventually(async () =>
      expect(await cardSays(world, { id }, "Approvers: @lea or @omar.")).not.toContain("longer"),
    );
  }, 90_000);

  it("are named after a start, where the file changed while no replica ran", async () => {
    await change(FIRST);
    const { id } = await ask(world, "rg-prod-shop/web-01 22 1h");
    await cardSays(world, { id }, "Approvers: @lea or @omar.");
    await Promise.all(bots.map((bot) => bot.terminate()));
    writeFileSync(file, SECOND);
    through(await world.startBot({ env }));
    await cardSays(world, { id }, "Approvers: @omar or @ada.");
  }, 90_000);
});
