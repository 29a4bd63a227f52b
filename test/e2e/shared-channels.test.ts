// A channel that another organisation can read gets no card and no notice: people are told privately instead.

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { ask, cardOf, cardSays, idIn, typed } from "../support/people.ts";
import { type Bot, startWorld, type TestWorld } from "../support/world.ts";

let world: TestWorld;
let bot: Bot;
beforeAll(async () => {
  world = await startWorld();
  bot = await world.startBot();
});
/** Another replica takes over, which has not asked Slack about any channel yet. */
async function another(): Promise<void> {
  const before = bot;
  bot = await world.startBot();
  await before.terminate();
}
afterAll(() => world?.close());

const share = (id: string, isExtShared: boolean) =>
  world.slack.change({ channel: { id, isExtShared } }).then(another);

const texts = (channel: string): string =>
  world.slack
    .messages(channel)
    .flatMap((one) => [one, ...(one.replies ?? [])])
    .map((one) => world.slack.plainText(one))
    .join("\n");

const direct = (user: string, text: string) =>
  world.slack.waitFor(
    () =>
      world.slack.direct(user).find((one) => {
        return world.slack.plainText(one).includes(text);
      }),
    { what: `${user} to be told ${text}`, timeoutMs: 20_000 },
  );

async function askedInPrivate(id: string): Promise<void> {
  const card = await direct("U0LEAD", id);
  expect(world.slack.plainText(card)).toContain("Pending");
  expect(texts("C0PROD")).not.toContain(id);
  expect(world.slack.plainText(await direct("U0ERIN", "couldn't be posted"))).toContain(
    "Asked privately instead",
  );
}

describe("the channel of a rule", () => {
  it("that is shared gets no card: the approvers get it privately, and approve there", async () => {
    await share("C0PROD", true);
    const id = idIn(await typed(world, "U0ERIN", "request vm-01 3389 1h"));
    await askedInPrivate(id);
    expect(world.slack.plainText(await direct("U0ERIN", id))).toMatch(/JIT-/);
    expect(world.slack.plainText(await direct("U0ERIN", "couldn't be posted"))).toContain(
      "Another organisation can read that channel",
    );
    const { ts, channel } = await direct("U0LEAD", id);
    await world.slack.click({ user: "U0LEAD", channel, ts, actionId: "jit.approve" });
    await world.slack.waitFor(
      () => {
        const card = world.slack.direct("U0LEAD").find((one) => one.ts === ts);
        return card && world.slack.plainText(card).includes("Open until");
      },
      { what: "the private card to say Open", timeoutMs: 20_000 },
    );
    await share("C0PROD", false);
  });

  it("gets no card while Slack doesn't say whether it is shared", async () => {
    const fault = world.slack.faults.add({ path: "conversations.info", act: { status: 500 } });
    onTestFinished(() => world.slack.faults.clear(fault));
    // What the replica before learned of the channel holds for a while.
    await another();
    const id = idIn(await typed(world, "U0ERIN", "request web-02 22 1h"));
    await askedInPrivate(id);
  });

  it("that becomes shared hears nothing more in the thread", async () => {
    const { id, card } = await ask(world, "jump-01 22 1h");
    await share("C0PROD", true);
    await world.slack.click({
      user: "U0LEAD",
      channel: "C0PROD",
      ts: card.ts,
      actionId: "jit.approve",
    });
    await cardSays(world, { id }, "Open");
    await direct("U0ERIN", id);
    const shown = await cardOf(world, id);
    expect(shown.replies ?? []).toEqual([]);
    await share("C0PROD", false);
  });
});

describe("the notices channel", () => {
  it("that is shared hears nothing: the admins do, privately", async () => {
    await share("C0NOTICES", true);
    world.azure.faults.add({ path: "/initiate", act: { status: 403 } });
    const { id, card } = await ask(world, "db-01 22 1h");
    await world.slack.click({
      user: "U0LEAD",
      channel: "C0PROD",
      ts: card.ts,
      actionId: "jit.approve",
    });
    await cardSays(world, { id }, "Failed");
    await direct("U0ADMIN", id);
    expect(texts("C0NOTICES")).not.toContain(id);
  });
});
