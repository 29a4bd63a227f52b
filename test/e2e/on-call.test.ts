// Who is on call, over the wire: PagerDuty, incident.io and a calendar, a real bot, and what people read.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SimulatedRotas, startRotas } from "../../src/sandbox/on-call/server.ts";
import { chooses, opens } from "../support/form.ts";
import { ask, cardSays, initiates, typed } from "../support/people.ts";
import { POLICY, startWorld, type TestWorld } from "../support/world.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let world: TestWorld;
let rotas: SimulatedRotas;
beforeAll(async () => {
  rotas = await startRotas();
  const policy = POLICY.replace(
    "networks: {",
    `onCall:\n  payments: { pagerduty: { schedules: [PABC123] } }\n  platform: { incidentIo: { schedules: [01HABC] } }\n  database: { calendar: "${rotas.calendar.url}/database.ics" }\nnetworks: {`,
  )
    .replace(
      "approvers: { users: [U0LEAD], groups: [S0ONCALL] }",
      "approvers: { users: [U0LEAD], onCall: [payments, database] }\n    autoApprove: { onCall: [platform] }\n    breakGlass: { users: [U0SINGLE], onCall: [payments, platform, database] }",
    )
    .replace("rules:", "bundles: { shop: { vms: [vm-01, win-02] } }\nrules:")
    .replace("match: { tags: { env: dev } }", "$&\n    breakGlass: { users: [U0LEAD] }");
  expect(policy).toContain("breakGlass: { users: [U0LEAD] }");
  expect(policy).toContain("autoApprove");
  world = await startWorld({ policy });
  for (const schedule of ["PABC123", "01HABC", "database"]) onCall("ada", schedule, 0.5);
  await world.startBot({
    env: {
      PAGERDUTY_TOKEN: rotas.pagerDuty.token,
      PAGERDUTY_API_URL: rotas.pagerDuty.url,
      INCIDENTIO_TOKEN: rotas.incidentIo.token,
      INCIDENTIO_API_URL: rotas.incidentIo.url,
    },
  });
});
afterAll(async () => {
  await world?.close();
  await rotas?.close();
});

/** From an hour ago on, by the world's clock. */
function onCall(who: string, schedule: string, hours = 2): void {
  const fromMs = Math.floor(world.nowMs() / MINUTE) * MINUTE - HOUR;
  rotas.world.shifts = [
    ...rotas.world.shifts.filter((one) => one.schedule !== schedule),
    {
      schedule,
      name: who,
      address: `${who}@contoso.example`,
      fromMs,
      untilMs: fromMs + hours * HOUR,
    },
  ];
}

const press = async (user: string, card: { ts: string }, actionId: string) => {
  const before = world.slack.ephemerals(user).length;
  await world.slack.click({ user, channel: "C0PROD", ts: card.ts, actionId });
  return () =>
    world.slack.waitFor(() => world.slack.ephemerals(user)[before]).then(world.slack.plainText);
};

describe("whoever is on call", () => {
  it("is named in the form, as one of those who approve", async () => {
    onCall("sam", "PABC123");
    onCall("omar", "database");
    onCall("omar", "database");
    await opens(world, "");
    const form = JSON.stringify((await chooses(world, "vm-01")).view);
    expect(form).toMatch(/Needs approval from <@U0LEAD>.*the person on call for `payments`/);
    expect(form).toMatch(
      /On call for `payments`: <@U0SAM> until.*On call for `database`: <@U0OMAR>/,
    );
    await world.slack.closeView({ user: "U0ERIN" });
  });

  it("is named on the card, approves, and is found by the address that Slack has confirmed", async () => {
    onCall("sam", "PABC123");
    onCall("omar", "database");
    const { id, card } = await ask(world, "vm-01 3389 1h");
    const says = await cardSays(world, { id }, "On call for payments");
    expect(says).toContain("On call for payments: @sam until");
    expect(says).toContain("On call for database: @omar until");
    const sent = initiates(world).length;
    await world.slack.click({
      user: "U0SAM",
      channel: "C0PROD",
      ts: card.ts,
      actionId: "jit.approve",
    });
    await world.slack.waitFor(() => initiates(world).length > sent);
    world.advance(5_000);
    expect(await cardSays(world, { id }, "Open until")).toContain("Approved by @sam");
    await typed(world, "U0ERIN", `end ${id}`);
  });

  it("is nobody any more once the shift is over, though the card still shows the button", async () => {
    onCall("sam", "PABC123");
    const { id, card } = await ask(world, "win-02 3389 1h");
    world.advance(61 * MINUTE - MINUTE);
    const refusal = await press("U0SAM", card, "jit.approve");
    expect(await refusal()).toMatch(/not an approver|expired/);
    await typed(world, "U0ERIN", `cancel ${id}`);
  });

  it("is nobody while PagerDuty is away: that is said, and Lea, who is named, approves", async () => {
    onCall("sam", "PABC123");
    rotas.pagerDuty.faults.add({ act: { status: 503 } });
    const { id, card } = await ask(world, "vm-01 3389 1h");
    const says = await cardSays(world, { id }, "Nobody counts as on call for payments");
    expect(says).toContain("PagerDuty doesn't answer (503)");
    const refusal = await press("U0SAM", card, "jit.approve");
    expect(await refusal()).toContain("so nobody counts as on call for payments");
    const sent = initiates(world).length;
    await world.slack.click({
      user: "U0LEAD",
      channel: "C0PROD",
      ts: card.ts,
      actionId: "jit.approve",
    });
    await world.slack.waitFor(() => initiates(world).length > sent);
    world.advance(5_000);
    await cardSays(world, { id }, "Open until");
    await typed(world, "U0ERIN", `end ${id}`);
    rotas.pagerDuty.faults.clear();
  });

  it("needs no approval where the rule says so, and everybody reads why", async () => {
    onCall("erin", "01HABC");
    const sent = initiates(world).length;
    const said = await typed(world, "U0ERIN", "request win-02 3389 1h for the outage");
    expect(said).toContain("Rule production needs no approval: you're on call for platform until");
    await world.slack.waitFor(() => initiates(world).length > sent);
    world.advance(5_000);
    const id = /JIT-\w{6}/.exec(said)?.[0] ?? "";
    expect(await cardSays(world, { id }, "Open until")).toContain(
      "Auto-approved by rule production because @erin is on call for platform until",
    );
    await typed(world, "U0ERIN", `end ${id}`);
  });

  it("is told by explain and the doctor", async () => {
    onCall("omar", "01HABC");
    onCall("sam", "PABC123");
    expect(await typed(world, "U0LEAD", "explain vm-01 3389")).toContain(
      "On call for payments: @sam until",
    );
    rotas.incidentIo.faults.add({ act: { status: 401 } });
    const says = await typed(world, "U0ADMIN", "doctor");
    expect(says).toContain("platform: incident.io refuses (401): check the token");
    expect(says).toContain("payments: PagerDuty has");
    rotas.incidentIo.faults.clear();
  });
});

describe("those on call who may break the glass", () => {
  const wanted = "breakglass vm-01 3389 1h from vpn for the shop is down";
  /** The refusal, and a press of its button. */
  const refused = async (user: string, text = wanted) => {
    const before = world.slack.ephemerals(user).length;
    await world.slack.command({ user, channel: "C0PROD", command: "/jit", text });
    const message = await world.slack.waitFor(() => world.slack.ephemerals(user)[before]);
    const click = { user, channel: "C0PROD", ts: message.ts, actionId: "jit.others" };
    return {
      says: world.slack.plainText(message),
      hasButton: JSON.stringify(message.blocks).includes("jit.others"),
      press: () => world.slack.click(click),
    };
  };
  const asked = (user: string) =>
    world.slack
      .direct(user)
      .map((one) => world.slack.plainText(one))
      .filter((text) => text.includes("Break-glass needed"));
  const answers = (user: string) =>
    JSON.stringify(world.slack.ephemerals(user).map((one) => world.slack.plainText(one)));

  it("are named with the end of their shift, and they alone are asked, whichever rota they are on", async () => {
    onCall("sam", "PABC123");
    onCall("lea", "01HABC");
    onCall("omar", "database");
    // What the rotas said before is too old for the refusal, which reads them itself a moment before the press.
    world.advance(MINUTE);
    const { says, press } = await refused("U0ERIN");
    expect(says).toMatch(/You can't use break-glass under rule production/);
    expect(says).toMatch(
      /Who can use break-glass: @sam \(on call for payments until [^)]+\), @lea \(on call for platform until [^)]+\), @omar \(on call for database until [^)]+\) and @\S+\./,
    );
    // Between the refusal and the press, the shift of one is over.
    onCall("ada", "database");
    await press();
    await world.slack.waitFor(() => answers("U0ERIN").includes("I've asked"));
    for (const user of ["U0SAM", "U0LEAD", "U0ADMIN"])
      await world.slack.waitFor(() => asked(user).length === 1);
    expect(asked("U0OMAR")).toEqual([]);
    // A guest whom the rule names isn't one who can.
    expect(asked("U0SINGLE")).toEqual([]);
    expect(asked("U0ERIN")).toEqual([]);
    expect(answers("U0ERIN")).toMatch(/I've asked @sam, @lea and @ada: each gets/);
  });

  it("are nobody where the rota has nobody, or doesn't answer, and that is said", async () => {
    onCall("sam", "PABC123", 0.5);
    onCall("nobody-of-ours", "database");
    rotas.incidentIo.faults.add({ act: { status: 503 } });
    world.advance(2 * MINUTE);
    const { says, press } = await refused("U0ERIN");
    expect(says).toContain("Nobody is on call for payments now.");
    expect(says).toContain(
      "Nobody counts as on call for platform: incident.io doesn't answer (503)",
    );
    expect(says).toContain("the person on call isn't a full member of this workspace");
    const before = [asked("U0SAM").length, asked("U0LEAD").length];
    await press();
    await world.slack.waitFor(() => answers("U0ERIN").includes("Nobody who can use break-glass"));
    expect([asked("U0SAM").length, asked("U0LEAD").length]).toEqual(before);
    expect(asked("U0SINGLE")).toEqual([]);
    rotas.incidentIo.faults.clear();
  });

  it("are asked for all VMs of a command, each once, and for those that they can open", async () => {
    onCall("sam", "PABC123");
    onCall("nobody-of-ours", "01HABC");
    onCall("nobody-of-ours", "database");
    world.advance(2 * MINUTE);
    const told = () => [asked("U0SAM"), asked("U0LEAD")];
    const before = told().map(({ length }) => length);
    const { says, press } = await refused(
      "U0ERIN",
      "breakglass win-02,vm-01,dev-01,nope-99 1h from vpn for the shop is down",
    );
    expect(says.match(/You can't use break-glass under rule production/g)).toHaveLength(2);
    expect(says).toMatch(
      /dev-01: You can't use break-glass under rule development .* Who can use break-glass: @lea\./,
    );
    await press();
    await world.slack.waitFor(() => answers("U0ERIN").includes("I've asked these people"));
    await world.slack.waitFor(() =>
      told().every(({ length }, n) => length === (before[n] ?? 0) + 1),
    );
    expect(asked("U0SAM").at(-1)).toMatch(/win-02,vm-01, for 1h, by @erin\./);
    expect(asked("U0SAM").at(-1)).toContain("/jit breakglass win-02,vm-01 1h for the shop is down");
    expect(asked("U0LEAD").at(-1)).toMatch(/dev-01, for 1h, by @erin\./);
    expect(answers("U0ERIN")).toMatch(
      /each gets a direct message from me now\.\\nwin-02 and vm-01: @sam\\ndev-01: @lea\\nnope-99: I can't find/,
    );
  });

  it("are asked for the rest where somebody can open some of the VMs themselves", async () => {
    onCall("sam", "PABC123");
    world.advance(2 * MINUTE);
    const before = asked("U0SAM").length;
    const { says, press } = await refused(
      "U0LEAD",
      "breakglass dev-01,vm-01 1h from vpn for the shop is down",
    );
    expect(says).toMatch(/Break-glass: opening now.*Not requested:.*vm-01: You can't use/s);
    await press();
    await world.slack.waitFor(() => asked("U0SAM").length === before + 1);
    expect(asked("U0SAM").at(-1)).toMatch(/ vm-01, for 1h, by @lea\./);
    expect(answers("U0LEAD")).toContain("I've asked @sam: each gets");
  });

  it("are asked for the VMs of a bundle, and no longer where their shift is over at the press", async () => {
    onCall("sam", "PABC123");
    world.advance(2 * MINUTE);
    const before = asked("U0SAM").length;
    const text = "breakglass bundle:shop 1h from vpn for the shop is down";
    const first = await refused("U0ERIN", text);
    const second = await refused("U0ERIN", text);
    await first.press();
    await world.slack.waitFor(() => asked("U0SAM").length === before + 1);
    expect(asked("U0SAM").at(-1)).toContain("/jit breakglass vm-01,win-02 1h for the shop is down");
    onCall("nobody-of-ours", "PABC123");
    world.advance(2 * MINUTE);
    await second.press();
    await world.slack.waitFor(() =>
      answers("U0ERIN").includes("Nobody who can use break-glass on vm-01 and win-02"),
    );
    expect(asked("U0SAM")).toHaveLength(before + 1);
  });

  it("are told by explain", async () => {
    onCall("sam", "PABC123");
    world.advance(2 * MINUTE);
    const says = await typed(world, "U0LEAD", "explain vm-01 3389");
    expect(says).toMatch(/Who could use break-glass: @sam\./);
    expect(says.match(/On call for payments: @sam until/g)).toHaveLength(2);
    expect(says).toContain("Nobody counts as on call for database");
  });
});
