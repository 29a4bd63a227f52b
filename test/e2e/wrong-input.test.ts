// Wrong input gets a private, helpful answer and leaves nothing behind; odd but right input works safely.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, typed } from "../support/people.ts";
import { startWorld, type TestWorld } from "../support/world.ts";

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld();
  await world.startBot();
});
afterAll(() => world?.close());

const WRONG: readonly (readonly [string, string])[] = [
  ["request nosuch-vm 22", "can't find a VM named nosuch-vm"],
  ["request vm-02", "did you mean"],
  ["request web-01 22", "2 VMs are named web-01"],
  ["request vm-01 8080", "doesn't cover port 8080"],
  ["request vm-01 0", "0"],
  ["request vm-01 70000", "70000"],
  ["request vm-01 3389 2 years", "2 years"],
  ["request vm-01 3389 -1h", "-1h"],
  ["request vm-01 3389 0h", "1m"],
  ["request vm-01 3389 9h", "allows at most 4h"],
  ["request vm-01 3389 1h from 2001:db8::1", "IPv4"],
  ["request vm-01 3389 1h from 0.0.0.0/0", "doesn't allow access from anywhere"],
  ["request vm-01 3389 1h from any", "doesn't allow access from anywhere"],
  ["request vm-01 3389 1h from 198.51.100.7", "doesn't allow 198.51.100.7"],
  ["request db-01 22 1h from 192.0.2.9", "JIT policy of db-01 doesn't allow 192.0.2.9"],
  ["request vm-01 3389 1h from nowhere", "nowhere"],
  ["request batch-01 22 1h", "no JIT policy"],
  ["request bare-01 22 1h", "JIT isn't available for bare-01 (Unsupported)"],
  [`request vm-01 3389 1h for ${"x".repeat(5_000)}`, "1,000"],
  ["requst vm-01", "did you mean"],
  ["status JIT-ZZZZZZ", "I can't find a request"],
  ["status nonsense!", "nonsense!"],
  ["cancel JIT-ZZZZZZ", "I can't find a request"],
];

describe("wrong input", () => {
  it.each(WRONG)("/jit %.60s", async (text, says) => {
    const answer = await typed(world, "U0ERIN", text);
    expect(answer).toContain(says);
    expect(answer).not.toMatch(/undefined|\[object|Error:|at .*\.ts/);
    expect(world.slack.messages("C0PROD")).toEqual([]);
    expect(await typed(world, "U0ERIN", "list")).toContain("You haven't requested anything");
  });
});

describe("who may not ask", () => {
  it.each([
    ["U0SINGLE", "Guests"],
    ["U0MULTI", "Guests"],
    ["U0STRANGER", "other workspaces"],
    ["U0GONE", "Deactivated"],
    ["U0OTHERBOT", "Bots"],
  ])("%s", async (user, says) => {
    expect(await typed(world, user, "request vm-01 3389 1h")).toContain(says);
    expect(world.slack.messages("C0PROD")).toEqual([]);
  });

  it("nobody in a channel that is shared with others", async () => {
    const before = world.slack.ephemerals("U0ERIN").length;
    await world.slack.command({
      user: "U0ERIN",
      channel: "C0SHARED",
      text: "request vm-01 3389 1h",
    });
    const answer = await world.slack.waitFor(() => world.slack.ephemerals("U0ERIN")[before]);
    expect(world.slack.plainText(answer)).toContain("shared with another organisation");
  });
});

describe("odd but right input", () => {
  it("keeps a reason to the letter and shows it safely", async () => {
    const reason = `<!channel> "quoted": it's 5 > 3 & <@U0LEAD> for\nreal *bold* \`code\` :boom:`;
    const { card } = await ask(world, `vm-01 3389 1h for ${reason}`);
    const shown = world.slack.plainText(card);
    expect(shown).toContain(`"quoted": it's 5 > 3 &`);
    expect(shown).toContain("real bold code :boom:");
    const live = world.slack.broadcasts(card).map((one) => JSON.stringify(one));
    expect(live.filter((one) => /channel|here|everyone/.test(one))).toEqual([]);
  });

  it("reads VM-01 rdp 90m", async () => {
    const { card } = await ask(world, "VM-01 rdp 90m");
    const shown = world.slack.plainText(card);
    for (const word of ["vm-01", "3389", "1h30m"]) expect(shown).toContain(word);
  });

  it("knows a VM called from", async () => {
    const { card } = await ask(world, "from 22 1h from vpn for the name", { channel: "C0DEV" });
    expect(world.slack.plainText(card)).toContain("from");
  });

  it("tells two VMs of one name apart by their resource group", async () => {
    const answer = await typed(world, "U0ERIN", "request rg-prod-shop/WEB-01 ssh 30m");
    expect(answer).toContain("Requested");
  });

  it("clears host bits and says so", async () => {
    const answer = await typed(world, "U0ERIN", "request vm-01 3389 1h from 203.0.113.77/28");
    expect(answer).toContain("203.0.113.64/28");
  });
});

describe("a refusal offers the fix", () => {
  const buttons = (answer: { readonly blocks?: unknown }) =>
    [
      ...JSON.stringify(answer.blocks ?? []).matchAll(
        /"action_id":"(jit\.instead\.\d)".*?"text":"([^"]+)"/g,
      ),
    ].map(([, actionId = "", label = ""]) => ({ actionId, label }));
  const refused = async (text: string) => {
    await typed(world, "U0ERIN", text);
    const answer = world.slack.ephemerals("U0ERIN").at(-1);
    if (answer === undefined) throw new Error("nothing was said");
    return answer;
  };

  it.each([
    ["request web-01 22 30m for x", ["web-01 in rg-prod-shop"]],
    ["request vm-1 22 30m for x", ["vm-01"]],
    ["request vm-01 8080 30m for x", ["Use 22 (SSH)", "Use 3389 (RDP)"]],
    ["request vm-01 3389 1h from any for x", ["From vpn"]],
    ["request vm-01 3389 1h from 198.51.100.7 for x", ["From vpn"]],
    ["request batch-01 22 1h for x", []],
  ] as const)("%s", async (text, labels) => {
    expect(buttons(await refused(text)).map(({ label }) => label)).toEqual(labels);
  });

  it("and requests it with all else as it was typed, in place of the refusal", async () => {
    const answer = await refused("request vm-01 3389 9h from vpn for the *spooler* & more");
    const [button] = buttons(answer);
    expect(button?.label).toBe("Use 4h");
    const before = world.slack.messages("C0PROD").length;
    await world.slack.click({
      user: "U0ERIN",
      channel: "C0DEV",
      ts: answer.ts,
      actionId: button?.actionId ?? "",
    });
    // The card of an earlier one may come late.
    const card = await world.slack.waitFor(() =>
      world.slack
        .messages("C0PROD")
        .slice(before)
        .find((one) => world.slack.plainText(one).includes("the spooler & more")),
    );
    expect(world.slack.plainText(card)).toContain("4h");
    await world.slack.waitFor(() =>
      world.slack
        .ephemerals("U0ERIN")
        .some((one) => one.ts === answer.ts && world.slack.plainText(one).includes("Requested")),
    );
  });
});
