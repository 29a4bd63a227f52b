// Asking by form: from the empty one and from a command, with errors beside their fields, once.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  blockIn,
  chooses,
  finds,
  formOn,
  offered,
  opens,
  sends,
  standing,
  toldNext,
  vmCanBeChosen,
} from "../support/form.ts";
import { cardOf, idIn, typed } from "../support/people.ts";
import { startWorld, type TestWorld } from "../support/world.ts";

/** Port 5432 of the databases is under a rule of its own. */
const POLICY = `
channels: { notices: C0NOTICES }
admins: { users: [U0ADMIN] }
networks: { vpn: 203.0.113.0/24, office: 198.51.100.0/24, sites: [192.0.2.0/25, 192.0.2.128/25] }
rules:
  - name: databases
    match: { vms: [db-*], ports: [5432] }
    requesters: anyone
    approvers: { users: [U0LEAD, U0OMAR] }
    approvals: 2
    channel: C0PROD
    maxDuration: 1h
    networks: [office]
    reason: required
  - name: production
    match: { tags: { env: prod } }
    requesters: anyone
    approvers: { users: [U0LEAD], groups: [S0ONCALL] }
    channel: C0PROD
    maxDuration: 4h
    networks: [vpn, office]
    reason: optional
  - name: build
    match: { vms: [build-*] }
    requesters: { users: [U0LEAD] }
    approvers: { users: [U0OMAR] }
    channel: C0DEV
    networks: [vpn]
  - name: development
    match: { tags: { env: dev } }
    requesters: anyone
    approvals: 0
    networks: [sites, any]
    reason: optional
`;

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld({ policy: POLICY });
  await world.startBot();
});
afterAll(() => world?.close());
afterEach(async () => {
  expect(world.slack.world.warnings).toEqual([]);
  for (const user of ["U0ERIN", "U0LEAD"]) {
    while (world.slack.modal(user)) await world.slack.closeView({ user });
  }
});

const textOf = (user = "U0ERIN"): string => {
  const modal = world.slack.modal(user);
  return modal === undefined ? "" : world.slack.plainText(modal);
};

describe("the empty form", () => {
  it("asks for the VM alone, and a VM brings the rest", async () => {
    const before = world.slack.ephemerals("U0ERIN").length;
    const empty = await opens(world, "", { ready: (modal) => blockIn(modal, "vm") !== undefined });
    expect(["ports", "duration", "source", "reason"].map((one) => blockIn(empty, one))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(await finds(world, "rg-prod-shop vm-")).toEqual(["vm-01 · rg-prod-shop"]);
    const form = await chooses(world, "vm-01");
    expect(offered(form, "ports")).toEqual(["22", "3389"]);
    expect(standing(form, "ports")).toBe("3389");
    expect(offered(form, "duration")).toEqual(["15m", "30m", "1h", "2h", "3h", "4h"]);
    expect(standing(form, "duration")).toBe("1h");
    expect(offered(form, "source")).toEqual(["vpn", "office"]);
    expect(standing(form, "source")).toBe("vpn");
    expect(blockIn(form, "reason")?.optional).toBe(true);
    expect(textOf()).toContain("(rule production)");
    const sent = await sends(world, { duration: "2h", reason: "the print spooler" });
    expect(sent.outcome).toBe("closed");
    const told = await toldNext(world, before);
    expect(told).toContain("port 3389 on vm-01 for 2h from vpn");
    const card = await cardOf(world, idIn(told));
    expect(world.slack.plainText(card)).toContain("the print spooler");
  });

  it("opens by the shortcut as well", async () => {
    await world.slack.shortcut({ user: "U0ERIN", callbackId: "jit.request" });
    await formOn(world, "U0ERIN");
    await chooses(world, "jump-01");
    await sends(world, { reason: "by shortcut" });
    const direct = () => world.slack.direct("U0ERIN").map((one) => world.slack.plainText(one));
    await world.slack.waitFor(() => direct().some((one) => one.includes("on jump-01")));
  });

  it("shows who may ask for what, and marks VMs without JIT", async () => {
    await opens(world, "");
    const all = await finds(world, "");
    expect(all).toContain("batch-01 · rg-prod-shop · not configured");
    expect(all.filter((one) => one.startsWith("web-01"))).toHaveLength(2);
    expect(all.filter((one) => one.startsWith("build-01"))).toEqual([]);
    expect(await finds(world, "env=dev")).not.toContain("vm-01 · rg-prod-shop");
    expect(await finds(world, "no such thing")).toEqual([]);
    await opens(world, "", { user: "U0LEAD" });
    expect(await finds(world, "build", "U0LEAD")).toEqual(["build-01 · rg-dev-lab"]);
  });

  it("offers first what was requested last, and last what can't be", async () => {
    await opens(world, "");
    const all = await finds(world, "");
    // Two tests above: jump-01, and before it vm-01.
    expect(all.slice(0, 2)).toEqual(["jump-01 · rg-prod-shop", "vm-01 · rg-prod-shop"]);
    const isShut = (one: string) =>
      /· (not configured|unsupported|no port you can request)$/.test(one);
    const shut = all.filter(isShut);
    expect(shut.length).toBeGreaterThan(1);
    expect(all.slice(-shut.length)).toEqual(shut);
    // What somebody else requested is nothing to this person.
    await opens(world, "", { user: "U0OMAR" });
    const others = await finds(world, "", "U0OMAR");
    expect([...others].sort()).toEqual([...all].sort());
    expect(others[0]).not.toBe("jump-01 · rg-prod-shop");
  });

  it("says of a VM without JIT what to do", async () => {
    await opens(world, "");
    await vmCanBeChosen(world.slack);
    const found = await world.slack.suggest({
      user: "U0ERIN",
      actionId: "jit.form.vm",
      text: "batch",
    });
    const [option] = found.sent ? found.options : [];
    await world.slack.select({
      user: "U0ERIN",
      actionId: "jit.form.vm",
      value: String(option?.value),
    });
    await world.slack.waitFor(() => textOf().includes("an admin has to enable JIT on it first"));
  });
});

describe("the form of a command", () => {
  it("has in it what was understood", async () => {
    const before = world.slack.ephemerals("U0ERIN").length;
    const form = await opens(world, "request vm-01 22 from office for 2h", {
      ready: (modal) => blockIn(modal, "duration") !== undefined,
    });
    expect(textOf()).toContain("the duration or the reason?");
    const fields = ["ports", "duration", "source", "reason"];
    expect(fields.map((field) => standing(form, field))).toEqual(["22", "2h", "office", "2h"]);
    expect((await sends(world, { reason: "a new disk" })).outcome).toBe("closed");
    expect(await toldNext(world, before)).toContain("port 22 on vm-01 for 2h from office");
  });

  it("keeps what the command said for another VM, and what was typed", async () => {
    await opens(world, "request vm-01 22 2h from 203.0.113.9 for", {
      ready: (modal) => blockIn(modal, "duration") !== undefined,
    });
    expect(textOf()).toContain("Give a reason.");
    const form = await chooses(world, "web-02");
    const fields = ["ports", "duration", "source", "address"];
    expect(fields.map((field) => standing(form, field))).toEqual([
      "22",
      "2h",
      "vpn",
      "203.0.113.9",
    ]);
    const before = world.slack.ephemerals("U0ERIN").length;
    await sends(world);
    expect(await toldNext(world, before)).toContain("22 on web-02 for 2h from 203.0.113.9");
  });

  it("keeps its time through every screen, up to the request", async () => {
    await opens(world, "request nosuch 22 at tomorrow 23:00 for", {
      ready: () => textOf().includes("I can't find a VM named nosuch"),
    });
    const first = await chooses(world, "db-01");
    const at = standing(first, "at");
    expect(Number(at)).toBeGreaterThan(world.nowMs() / 1_000);
    const choosePorts = (...value: string[]) =>
      world.slack.select({ user: "U0ERIN", actionId: "jit.form.ports", value });
    await choosePorts();
    const bare = await formOn(world, "U0ERIN", (modal) => !blockIn(modal, "duration"));
    expect(standing(bare, "at")).toBe(at);
    await choosePorts("22");
    const again = await formOn(world, "U0ERIN", (modal) => !!blockIn(modal, "duration"));
    expect(standing(again, "at")).toBe(at);
    await chooses(world, "batch-01", { shows: "vm" });
    await formOn(world, "U0ERIN", (modal) => !blockIn(modal, "duration"));
    expect(standing(await chooses(world, "vm-01"), "at")).toBe(at);
    const before = world.slack.ephemerals("U0ERIN").length;
    expect((await sends(world)).outcome).toBe("closed");
    const told = await toldNext(world, before);
    expect(told).toContain("Not before");
  });

  it("keeps a time that is over, and refuses it beside its field", async () => {
    const form = await opens(world, "request vm-01 3389 at 2020-01-01 9:00 for", {
      ready: (modal) => blockIn(modal, "at") !== undefined,
    });
    expect(standing(form, "at")).toBeDefined();
    const sent = await sends(world, { reason: "late" });
    expect(sent).toMatchObject({ outcome: "errors" });
    expect(JSON.stringify(sent)).toContain("is in the past: name a later time");
  });

  it("asks which VM where several or none are meant", async () => {
    const says = (text: string) => ({ ready: () => textOf().includes(text) });
    await opens(world, "request web-01 22 for", says("2 VMs are named web-01"));
    await opens(world, "request nosuch for", says("I can't find a VM named nosuch"));
  });

  it("shows nothing of a VM that its reader may not ask for", async () => {
    await opens(world, "request build-01 for", {
      ready: () => textOf().includes("can't find a VM named build-01"),
    });
    expect(textOf()).not.toContain("rg-dev-lab");
  });

  it("is among the commands that the help lists", async () => {
    expect(await typed(world, "U0ERIN", "help all")).toMatch(/\/jit {2}Opens the form/);
  });

  it("does not open for a complete command, right or wrong", async () => {
    expect(await typed(world, "U0ERIN", "request vm-01 8080 1h")).toContain("doesn't cover");
    expect(world.slack.modal("U0ERIN")).toBeUndefined();
  });
});

describe("ports", () => {
  it("bring another rule with them", async () => {
    await opens(world, "");
    const first = await chooses(world, "db-01");
    expect(standing(first, "ports")).toBe("22");
    expect(blockIn(first, "reason")?.optional).toBe(true);
    await world.slack.select({ user: "U0ERIN", actionId: "jit.form.ports", value: ["5432"] });
    const form = await formOn(world, "U0ERIN", () => textOf().includes("(rule databases)"));
    expect(textOf()).toContain("2 of");
    expect(offered(form, "duration")).toEqual(["15m", "30m", "1h"]);
    expect(offered(form, "source")).toEqual(["office"]);
    expect(blockIn(form, "reason")?.optional).toBe(false);
  });

  it("under different rules are refused, and what was chosen stays", async () => {
    await opens(world, "");
    const first = await chooses(world, "db-01");
    const duration = blockIn(first, "duration")?.block_id ?? "";
    await world.slack.select({
      user: "U0ERIN",
      actionId: "duration",
      blockId: duration,
      value: "30m",
    });
    await world.slack.select({ user: "U0ERIN", actionId: "jit.form.ports", value: ["22", "5432"] });
    await formOn(world, "U0ERIN", () => textOf().includes("request them one by one"));
    const sent = await sends(world);
    expect(sent).toMatchObject({ outcome: "errors" });
    await world.slack.select({ user: "U0ERIN", actionId: "jit.form.ports", value: ["22"] });
    const form = await formOn(world, "U0ERIN", (modal) => blockIn(modal, "duration") !== undefined);
    expect(standing(form, "duration")).toBe("30m");
  });

  it("are not guessed, and neither is a range of a network", async () => {
    await opens(world, "");
    const form = await chooses(world, "fw-linux");
    expect(standing(form, "source")).toBeUndefined();
    expect(offered(form, "source")).toEqual(["192.0.2.0/25", "192.0.2.128/25", "any"]);
    expect(textOf()).toContain("needs no approval");
    expect(await sends(world)).toMatchObject({ outcome: "refused" });
  });
});

describe("more VMs", () => {
  const codesOf = async (...names: readonly string[]) => {
    const found = await Promise.all(
      names.map((text) => world.slack.suggest({ user: "U0ERIN", actionId: "jit.form.more", text })),
    );
    return found.map((one) => {
      const [only] = one.sent ? (one.options as { value: string }[]) : [];
      return only?.value ?? "";
    });
  };

  it("share one card and one decision, and what can't be requested is named", async () => {
    await opens(world, "");
    await chooses(world, "web-02");
    const before = world.slack.ephemerals("U0ERIN").length;
    const more = await codesOf("jump-01", "bare-01");
    const sent = await sends(world, { more, reason: "the incident" });
    expect(sent.outcome).toBe("closed");
    const told = await toldNext(world, before);
    expect(told).toContain("Requested 2 VMs");
    expect(told).toMatch(/Not requested:\s+bare-01: /);
    const card = await cardOf(world, idIn(told));
    for (const part of ["2 VMs", "web-02", "jump-01"]) {
      expect(world.slack.plainText(card)).toContain(part);
    }
    for (const id of new Set(told.match(/JIT-\w{6}/g)))
      await typed(world, "U0ERIN", `cancel ${id}`);
  });

  it("are requested all or none where the form says so, and what was filled in stays", async () => {
    await opens(world, "");
    await chooses(world, "web-02");
    const cards = world.slack.messages("C0PROD").length;
    const more = await codesOf("jump-01", "bare-01");
    const sent = await sends(world, { more, all: ["none"], reason: "the incident" });
    expect(sent.outcome).toBe("errors");
    expect(JSON.stringify(sent.errors)).toContain("JIT isn't available");
    expect(world.slack.messages("C0PROD")).toHaveLength(cards);
    expect(world.slack.modal("U0ERIN")).toBeDefined();
  });
});

describe("what is wrong", () => {
  it("stands beside its field, and the form stays as it is", async () => {
    await opens(world, "");
    await chooses(world, "vm-01");
    const wrong = async (fields: Record<string, string>) => {
      const sent = await sends(world, fields);
      expect(sent.outcome).toBe("errors");
      return Object.entries(sent.errors)
        .map(([block, said]) => `${block.split(".")[0]}: ${said}`)
        .join();
    };
    expect(await wrong({ address: "10.1.2.3" })).toMatch(
      /^address: The rule production doesn't allow/,
    );
    expect(await wrong({ address: "300.1.2.3" })).toMatch(/^address: .*isn't an IPv4 address/);
    expect(await wrong({ address: "2001:db8::1" })).toMatch(/^address: .*IPv4/);
    expect(await wrong({ address: "203.0.113.7", reason: "x\u0007" })).toMatch(/^reason: /);
    const before = world.slack.ephemerals("U0ERIN").length;
    expect((await sends(world, { reason: "works now" })).outcome).toBe("closed");
    expect(await toldNext(world, before)).toContain("from 203.0.113.7");
  });

  it("a reason of blanks where the rule wants one", async () => {
    await opens(world, "");
    await chooses(world, "db-02");
    await world.slack.select({ user: "U0ERIN", actionId: "jit.form.ports", value: ["5432"] });
    await formOn(world, "U0ERIN", () => textOf().includes("(rule databases)"));
    const sent = await sends(world, { reason: "   " });
    expect(sent).toMatchObject({
      outcome: "errors",
      errors: { reason: expect.stringContaining("requires") },
    });
  });

  it("a VM that vanished between choosing and sending", async () => {
    await opens(world, "");
    await chooses(world, "win-02");
    const { vms } = world.azure.world;
    for (const [id, vm] of vms) if (vm.name === "win-02") vms.delete(id);
    // A VM that isn't known has the list read anew, unless that was done a moment ago.
    const listed = async () => {
      await typed(world, "U0SAM", "request no-such-vm 22 1h");
      return typed(world, "U0SAM", "vms win-02");
    };
    await expect
      .poll(listed, { timeout: 20_000, interval: 500 })
      .toContain("No VM that you can request matches");
    const sent = await sends(world);
    expect(sent).toMatchObject({ outcome: "errors" });
    expect(Object.values(sent.errors)).toEqual([
      "That VM is gone, or no rule lets you request it: choose another.",
    ]);
  });
});

describe("who may not ask", () => {
  it.each([
    ["U0SINGLE", "Guests"],
    ["U0STRANGER", "other workspaces"],
  ])("%s is told so in the form, and finds nothing", async (user, says) => {
    await opens(world, "", { user, ready: () => textOf(user).includes(says) });
    expect(world.slack.modal(user)?.view.submit).toBeUndefined();
    await world.slack.closeView({ user });
  });

  it("nobody from a channel that is shared with others", async () => {
    await world.slack.command({ user: "U0ERIN", channel: "C0SHARED", text: "" });
    await formOn(world, "U0ERIN", () => textOf().includes("shared with another organisation"));
  });
});

describe("one request", () => {
  it("comes of a submission that is delivered three times", async () => {
    await opens(world, "");
    await chooses(world, "web-02");
    const before = world.slack.ephemerals("U0ERIN").length;
    const reason = "asked for only once";
    expect((await sends(world, { reason }, { duplicate: 2 })).outcome).toBe("closed");
    await cardOf(world, idIn(await toldNext(world, before)));
    const cards = world.slack.messages("C0PROD").map((one) => world.slack.plainText(one));
    expect(cards.filter((one) => one.includes(reason))).toHaveLength(1);
    expect(world.slack.ephemerals("U0ERIN")).toHaveLength(before + 1);
  });

  it("and one form of a command that is delivered twice", async () => {
    const before = world.slack.ephemerals("U0ERIN").length;
    await world.slack.command({ user: "U0ERIN", channel: "C0GENERAL", duplicate: 1 });
    await formOn(world, "U0ERIN");
    expect(await typed(world, "U0ERIN", "list")).toBeTruthy();
    expect(world.slack.ephemerals("U0ERIN")).toHaveLength(before + 1);
  });
});
