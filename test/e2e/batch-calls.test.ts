// What a batch costs Slack, and what a crash leaves of one: twenty VMs take hardly more calls than one, and none opens without its line.

import { afterEach, describe, expect, it } from "vitest";
import { buildWorld, policy, subscription, vm } from "../../src/sandbox/azure/world/parts.ts";
import { DEFAULT_SCOPES } from "../../src/sandbox/slack/slack-workspace.ts";
import { cardSays, idIn, initiates, typed } from "../support/people.ts";
import { startWorld, type TestWorld } from "../support/world.ts";

const MINUTE = 60_000;
const names = Array.from({ length: 21 }, (_, n) => `vm-${String(n).padStart(2, "0")}`);

const POLICY = `
channels: { notices: C0NOTICES }
admins: { users: [U0ADMIN] }
networks: { vpn: 203.0.113.0/24 }
limits: { openPerPerson: 100, pendingPerPerson: 100, asksPerMinute: 100 }
rules:
  - name: production
    match: { tags: { env: prod } }
    requesters: anyone
    approvers: { users: [U0LEAD] }
    channel: C0PROD
    networks: [vpn]
    reason: optional
    autoApprove: { users: [U0OMAR] }
`;

const started = () => {
  const shop = { subscription: "Shop", resourceGroup: "rg-shop" };
  const azureWorld = buildWorld(
    subscription({ name: "Shop" }),
    ...names.map((name) => vm({ ...shop, name, tags: { env: "prod" } })),
    policy({ vms: names, max: "PT4H" }),
  );
  // Killed between posting and noting where, the bot finds its card again only where it may look.
  const scopes = [...DEFAULT_SCOPES, "channels:history", "groups:history", "im:history"];
  return startWorld({ policy: POLICY, azureWorld, scopes });
};

let world: TestWorld;
afterEach(() => world?.close());

/** From the request to the end of all of it; answers how many calls that took. */
async function life(vms: string): Promise<number> {
  const { slack } = world;
  const before = slack.calls.length;
  const sent = initiates(world).length;
  const id = idIn(await typed(world, "U0ERIN", `request ${vms} 22 2h`));
  await cardSays(world, { id }, "Pending");
  const count = vms.split(",").length;
  const ts = slack.messages("C0PROD").find((one) => one.metadata?.event_payload.id === id)?.ts;
  const pressed = { user: "U0LEAD", channel: "C0PROD", ts: ts ?? "" };
  await slack.click({ ...pressed, actionId: "jit.approve" });
  await slack.waitFor(() => initiates(world).length === sent + count, { timeoutMs: 30_000 });
  world.advance(30_000);
  await cardSays(world, { id }, "🟢 Open");
  world.advance(111 * MINUTE);
  const told = () => slack.direct("U0ERIN").map((one) => slack.plainText(one));
  await slack.waitFor(() => told().some((text) => text.includes("⏰") && text.includes(id)));
  world.advance(10 * MINUTE);
  await cardSays(world, { id }, "⚪ Ended");
  const notices = () =>
    slack
      .messages("C0NOTICES")
      .map((one) => slack.plainText(one))
      .join("\n");
  await slack.waitFor(() => notices().includes(vms.split(",").at(-1) ?? ""), { timeoutMs: 30_000 });
  return slack.calls.length - before;
}

describe("a batch", () => {
  it("of twenty takes at most half again as many calls to Slack as one VM", async () => {
    world = await started();
    await world.startBot();
    const one = await life(names[20] ?? "");
    const twenty = await life(names.slice(0, 20).join(","));
    expect(twenty).toBeLessThanOrEqual(one * 1.5);
  }, 120_000);

  it("leaves no VM open without its line, whenever the bot is killed", async () => {
    world = await started();
    let bot = await world.startBot();
    const { slack } = world;
    // Slack's clock doesn't move, so the bot's mustn't: it looks for its card by the time at which it posted it.
    for (const [nth, afterMs] of [0, 15, 60].entries()) {
      const vms = names.slice(nth * 7, nth * 7 + 7);
      const sent = initiates(world).length;
      const cards = () => slack.messages("C0PROD").filter((one) => one.metadata !== undefined);
      const shown = cards().length;
      // Nobody has to decide: it opens at once.
      void slack
        .command({
          user: "U0OMAR",
          channel: "C0GENERAL",
          text: `request ${vms.join(",")} 22 1h`,
        })
        .catch(() => undefined);
      await slack.waitFor(() => cards().length > shown || initiates(world).length > sent, {
        timeoutMs: 20_000,
      });
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      await bot.kill();
      bot = await world.startBot();
      await slack.waitFor(() => cards().length > shown, { timeoutMs: 20_000 });
      const opened = initiates(world)
        .slice(sent)
        .map(({ body }) => /JIT-[0-9A-Z]{6}/.exec(JSON.stringify(body))?.[0] ?? "");
      await slack.waitFor(
        () => {
          const lines = cards()
            .slice(shown)
            .map((one) => slack.plainText(one))
            .join("\n");
          return !/Opening|Pending/.test(lines) && opened.every((id) => lines.includes(id));
        },
        { what: "every VM to be open or told why not", timeoutMs: 30_000 },
      );
    }
  }, 180_000);
});
