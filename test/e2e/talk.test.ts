// Talk about a request between people, over the wire: a question and its answer, a note, who is on it.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, askedToClose, cardSays, choose, initiates, typed } from "../support/people.ts";
import { startWorld, type TestWorld } from "../support/world.ts";

const MINUTE = 60_000;

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld();
  await world.startBot();
});
afterAll(() => world?.close());

const LEA = { user: "U0LEAD", channel: "C0PROD" };
const OMAR = { user: "U0OMAR", channel: "C0PROD" };

const direct = (user: string, says: string) =>
  world.slack.waitFor(
    () => world.slack.direct(user).find((one) => world.slack.plainText(one).includes(says)),
    { what: `a direct message to ${user}: ${says}`, timeoutMs: 20_000 },
  );

const form = (user: string) => world.slack.waitFor(() => world.slack.modal(user));

async function questioned(ts: string, question: string): Promise<void> {
  await world.slack.click({ ...LEA, ts, actionId: "jit.ask" });
  await form("U0LEAD");
  await world.slack.submitView({ user: "U0LEAD", values: { reason: question } });
}

async function answered(question: string, answer: string): Promise<void> {
  const message = await direct("U0ERIN", question);
  const { channel, ts } = message;
  await world.slack.click({ user: "U0ERIN", channel, ts, actionId: "jit.answer" });
  await form("U0ERIN");
  await world.slack.submitView({ user: "U0ERIN", values: { reason: answer } });
}

describe("a question", () => {
  it("goes to the requester privately, is answered there, and both stand on the card", async () => {
    const { id, card } = await ask(world, "vm-01 3389 1h");
    await questioned(card.ts, "Why <!here> at night?");
    expect(await cardSays(world, { id }, "Why <!here> at night?")).toContain("Pending");
    await answered("Why <!here> at night?", "It's quiet then.");
    const says = await cardSays(world, { id }, "It's quiet then.");
    expect(says).toContain("Pending");
    await world.slack.waitFor(
      () =>
        world.slack
          .messages("C0PROD")
          .find((one) => one.ts === card.ts)
          ?.replies.some((one) =>
            world.slack.plainText(one).includes("@erin answered your question"),
          ),
      { what: "who asked to be called" },
    );
    const called = await direct("U0ERIN", "You were asked about");
    expect(world.slack.plainText(called)).toContain("It's quiet then.");
    expect(JSON.stringify(called.blocks)).not.toContain("jit.answer");
    expect(initiates(world)).toEqual([]);
    await typed(world, "U0ERIN", `cancel ${id}`);
  });

  it("that comes too late says so, and keeps what was typed", async () => {
    const { id, card } = await ask(world, "vm-01 3389 1h");
    await world.slack.click({ ...LEA, ts: card.ts, actionId: "jit.ask" });
    await form("U0LEAD");
    await typed(world, "U0ERIN", `cancel ${id}`);
    const before = world.slack.direct("U0LEAD").length;
    await world.slack.submitView({ user: "U0LEAD", values: { reason: "Why at night?" } });
    const told = await world.slack.waitFor(() => world.slack.direct("U0LEAD")[before]);
    expect(world.slack.plainText(told)).toContain(`${id} is Cancelled`);
    expect(world.slack.plainText(told)).toContain("You wrote: Why at night?");
  });
});

describe("a note", () => {
  it("goes to the requester with the approval, and stands on the card", async () => {
    const { id, card } = await ask(world, "win-02 3389 1h");
    await choose(world, { ...LEA, ts: card.ts }, "change");
    await form("U0LEAD");
    const note = "ok, but not before the deploy";
    await world.slack.submitView({ user: "U0LEAD", values: { note } });
    await direct("U0ERIN", note);
    world.advance(5_000);
    expect(await cardSays(world, { id }, "Open until")).toContain(note);
    await typed(world, "U0ERIN", `end ${id}`);
  });
});

describe("I'm on it", () => {
  it("shows who looks for ten minutes, once, and others can still decide", async () => {
    const { id, card } = await ask(world, "vm-01 3389 1h");
    await choose(world, { ...LEA, ts: card.ts }, "claim");
    expect(await cardSays(world, { id }, "@lea is on it until")).toContain("Pending");
    // Now the three dots offer something else.
    await expect(choose(world, { ...OMAR, ts: card.ts }, "claim")).rejects.toThrow("claim");
    world.advance(10 * MINUTE + 1_000);
    await world.slack.waitFor(
      () => {
        const shown = world.slack.messages("C0PROD").find(({ ts }) => ts === card.ts);
        const text = shown === undefined ? "" : world.slack.plainText(shown);
        return text.includes("Pending") && !text.includes("is on it");
      },
      { what: "the card to be free again", timeoutMs: 20_000 },
    );
    await choose(world, { ...OMAR, ts: card.ts }, "claim");
    await cardSays(world, { id }, "@omar is on it until");
    const sent = initiates(world).length;
    await world.slack.click({ ...LEA, ts: card.ts, actionId: "jit.approve" });
    await world.slack.waitFor(() => initiates(world).length > sent);
    world.advance(5_000);
    expect(await cardSays(world, { id }, "Open until")).not.toContain("is on it");
    await typed(world, "U0ERIN", `end ${id}`);
    // What comes after it counts what is sent to Azure.
    await askedToClose(world, id);
  });
});

describe("what is typed into a thread", () => {
  it.each(["approve", "Approved!", "/jit approve", "yes, go ahead", "jit.approve"])(
    "decides nothing: %s",
    async (text) => {
      const { id, card } = await ask(world, "vm-01 3389 1h");
      const sent = initiates(world).length;
      const event = { type: "message", channel: "C0PROD", user: "U0LEAD", text: `${text} ${id}` };
      await world.slack.say({ ...LEA, text, threadTs: card.ts });
      for (const thread of [{ thread_ts: card.ts }, {}]) {
        await world.slack.event({ event: { ...event, ...thread, ts: "1700000009.000100" } });
      }
      expect(await typed(world, "U0ERIN", `status ${id}`)).toContain("Pending");
      expect(initiates(world)).toHaveLength(sent);
      await typed(world, "U0ERIN", `cancel ${id}`);
    },
  );
});
