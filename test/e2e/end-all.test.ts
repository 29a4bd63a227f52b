// Ending everything, over the wire: previewed, applied, seen closed in Azure, and what can't be ended is named.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, askedToClose, cardOf, cardSays, initiates, typed } from "../support/people.ts";
import { startWorld, type TestWorld } from "../support/world.ts";

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld();
  await world.startBot();
});
afterAll(() => world?.close());

async function opened(text: string) {
  const asked = await ask(world, text);
  const { channel, ts } = await cardOf(world, asked.id);
  await world.slack.click({ user: "U0LEAD", channel, ts, actionId: "jit.approve" });
  await cardSays(world, asked, "Open until");
  return asked.id;
}

const previewed = (user: string) => {
  const found = world.slack.ephemerals(user).at(-1);
  if (found === undefined) throw new Error("there is no preview");
  return found;
};

const apply = async (user: string) => {
  const { channel, ts } = previewed(user);
  await world.slack.click({ user, channel, ts, actionId: "jit.apply" });
};

const shown = (text: string) =>
  world.slack.waitFor(
    () =>
      world.slack
        .direct("U0ADMIN")
        .map((one) => world.slack.plainText(one))
        .find((one) => one.includes(text)),
    { what: `the admin's message to say ${text}`, timeoutMs: 20_000 },
  );

describe("end all", () => {
  it("is for admins alone, and says where there is nothing", async () => {
    expect(await typed(world, "U0LEAD", "end all")).toContain("Only admins can end everything");
    expect(await typed(world, "U0ADMIN", "end all")).toContain("Nothing is open");
  });

  it("ends what its preview named, seen closed, and leaves the rest", async () => {
    const first = await opened("vm-01 3389 1h");
    const second = await opened("web-02 22 1h");
    const kept = await opened("win-02 3389 1h");
    await typed(world, "U0ADMIN", "end all vm:win-02");
    expect(world.slack.plainText(previewed("U0ADMIN"))).toContain("ends 1 request");
    const preview = await typed(world, "U0ADMIN", "end all rule:production");
    expect(preview).toContain("Preview: nothing has ended yet.");
    expect(preview).toContain("ends 3 requests");
    expect(preview).toContain("They belong to 1 person, on 3 VMs.");
    expect(initiates(world)).toHaveLength(3);
    await typed(world, "U0ADMIN", `end ${kept}`);
    await typed(world, "U0ADMIN", "end all @erin");
    expect(world.slack.plainText(previewed("U0ADMIN"))).toContain("ends 2 requests");
    await apply("U0ADMIN");
    await shown("0 of 2 closed, seen in Azure; 2 closing.");
    for (const id of [first, second, kept]) {
      await cardSays(world, { id }, "It closes by");
      await askedToClose(world, id);
    }
    world.advance(3 * 60_000);
    await shown("is done: 2 of 2 closed, seen in Azure.");
    await cardSays(world, { id: first }, "Ended early by @ada");
    await world.slack.waitFor(() =>
      world.slack
        .messages("C0NOTICES")
        .some((one) => world.slack.plainText(one).includes("2 of 2 closed")),
    );
  });

  it("names what Azure refuses to close, with Azure's words", async () => {
    const id = await opened("jump-01 22 1h");
    world.azure.faults.add({
      method: "POST",
      path: "/initiate",
      act: {
        status: 403,
        body: { error: { code: "AuthorizationFailed", message: "The client may not do that." } },
      },
    });
    await typed(world, "U0ADMIN", "end all");
    await apply("U0ADMIN");
    const said = await shown("0 of 1 closed, seen in Azure. 1 couldn't be ended:");
    expect(said).toContain(id);
    expect(said).toContain("AuthorizationFailed");
  });
});
