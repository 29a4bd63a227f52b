// Somebody who never read a document gets four VMs through the form, an approver leaves one out, an admin ends all.

import { describe, expect, it } from "vitest";
import { blockIn, chooses, formOn, sends, vmCanBeChosen } from "../support/form.ts";
import { cardSays, choose, endAll, idIn } from "../support/people.ts";
import { POLICY, startWorld, type TestWorld } from "../support/world.ts";

const TAPS = new Set(["block_actions", "view_submission"]);

/** What somebody pressed, chose and sent. */
const tapsOf = ({ slack }: TestWorld, user: string) =>
  slack.deliveries.filter(
    ({ type, payload }) =>
      TAPS.has(type) && (payload.user as { id?: string } | undefined)?.id === user,
  );

async function more(world: TestWorld, vms: readonly string[]): Promise<readonly string[]> {
  const search = { user: "U0ERIN", actionId: "jit.form.more" };
  const found = await Promise.all(vms.map((text) => world.slack.suggest({ ...search, text })));
  return found.flatMap((one) =>
    one.sent ? one.options.slice(0, 1).map((option) => (option as { value: string }).value) : [],
  );
}

/** Asks the bot how, in their own words, and follows its button. */
async function requested(world: TestWorld): Promise<string> {
  const { slack } = world;
  await slack.event({
    event: {
      ...{ type: "message", channel: "D0ERIN", channel_type: "im", user: "U0ERIN" },
      ...{ text: "how do I get access?", ts: "1796000000.000100" },
    },
  });
  const hint = await slack.waitFor(() => slack.direct("U0ERIN")[0], { what: "an answer" });
  await slack.click({ user: "U0ERIN", channel: hint.channel, ts: hint.ts, actionId: "jit.ask" });
  await vmCanBeChosen(slack);
  await chooses(world, "vm-01");
  const form = await formOn(world, "U0ERIN", (modal) => blockIn(modal, "more") !== undefined);
  expect(blockIn(form, "reason")).toBeDefined();
  await sends(world, {
    more: [...(await more(world, ["web-02", "jump-01", "db-01"]))],
    reason: "the shop is down",
  });
  return toldAbout(world);
}

const toldAbout = (world: TestWorld) => {
  const said = () => [...world.slack.ephemerals("U0ERIN"), ...world.slack.direct("U0ERIN")];
  return world.slack.waitFor(
    () =>
      said()
        .map((one) => world.slack.plainText(one))
        .find((text) => text.includes("Requested 4 VMs")),
    { what: "the answer to the form" },
  );
};

describe.each(["http", "socket"] as const)("over %s", (mode) => {
  it("four VMs are requested, three of them approved, and all ended", async () => {
    const world = await startWorld({ mode, policy: POLICY });
    const { slack } = world;
    const texts = (all: readonly Parameters<typeof slack.plainText>[0][]) =>
      all.map((one) => slack.plainText(one));
    try {
      await world.startBot();
      const answer = await requested(world);
      const id = idIn(answer);
      await cardSays(world, { id }, "4 VMs");
      const card = slack.messages("C0PROD").find((one) => one.metadata !== undefined);
      const pressed = { user: "U0LEAD", channel: "C0PROD", ts: card?.ts ?? "" };
      // One tap on the notification brings the card; one on Approve decides.
      expect(JSON.stringify(card?.blocks)).toContain('"jit.approve"');
      await choose(world, pressed, "change");
      const modal = await slack.waitFor(() => slack.modal("U0LEAD"));
      const all = JSON.stringify(modal.view).match(/JIT-[0-9A-Z]{6}/g) ?? [];
      const kept = [...new Set(all)].slice(0, 3);
      await slack.submitView({ user: "U0LEAD", values: { vms: kept } });
      const taps = tapsOf(world, "U0LEAD").length;
      expect(await cardSays(world, { id }, "3 of 4 open")).toMatch(/db-01 .*Denied/);
      expect(taps).toBeLessThanOrEqual(2);
      await endAll(world, kept);
      await cardSays(world, { id }, "3 of 4 ended");
      const admin = await slack.waitFor(() =>
        texts(slack.direct("U0ADMIN")).find((text) => text.includes("is done: 3 of 3 closed")),
      );
      expect(admin).not.toContain("couldn't be ended");
    } finally {
      await world.close();
    }
  }, 90_000);
});
