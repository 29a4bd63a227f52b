// `/jit audit`, over the wire: the whole for auditors, one's own for others, and all of it as a file.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { ask, cardSays, initiates, typed } from "../support/people.ts";
import { startWorld, type TestWorld } from "../support/world.ts";

const POLICY = `
channels: { notices: C0NOTICES }
admins: { users: [U0ADMIN] }
auditors: { users: [U0AUDIT] }
networks: { vpn: 203.0.113.0/24 }
rules:
  - name: windows
    match: { vms: [vm-01, win-*] }
    requesters: anyone
    approvers: { users: [U0LEAD] }
    channel: C0PROD
    networks: [vpn]
    reason: optional
`;

let world: TestWorld;
let id = "";

beforeAll(async () => {
  world = await startWorld({ policy: POLICY });
  await world.startBot();
  const { id: asked, card } = await ask(world, "vm-01 3389 2h for =1+1, the <spooler>");
  id = asked;
  const click = { channel: "C0PROD", ts: card.ts, actionId: "jit.approve" };
  await world.slack.click({ user: "U0SAM", ...click });
  await world.slack.click({ user: "U0LEAD", ...click });
  await eventually(() => expect(initiates(world)).toHaveLength(1));
  world.advance(5_000);
  await cardSays(world, { id }, "Open until");
  world.advance(2 * 3_600_000);
  await cardSays(world, { id }, "Ended");
});
afterAll(() => world?.close());

async function press(user: string, actionId: string): Promise<void> {
  const { ts = "", channel = "" } = world.slack.ephemerals(user).at(-1) ?? {};
  await world.slack.click({ user, channel, ts, actionId });
}

describe("the audit of a life", () => {
  it("shows an auditor who asked, who approved, when it opened and how it ended", async () => {
    const shown = (await typed(world, "U0AUDIT", "audit")).replace(/ \(https:[^)]*\)/, "");
    expect(shown).toContain("Found 1 request");
    expect(shown).toContain("This covers the last 7d; /jit audit 30d goes further back.");
    expect(await typed(world, "U0AUDIT", "audit 7d")).not.toContain("This covers the last 7d");
    expect(await typed(world, "U0AUDIT", "help all")).toContain(
      "from the last 7d unless you name a period",
    );
    expect(shown).toContain(`${id}: 3389 on rg-prod-shop/vm-01 from 203.0.113.0/24 for 2h, @erin`);
    expect(shown).toMatch(
      /requested by @erin .*, approved by @lea .*, opened .* and ended \(expired\) .*1 refused/,
    );
    expect(await typed(world, "U0AUDIT", "audit vm:win-02")).toContain("Found 0 requests");
    expect(await typed(world, "U0AUDIT", "audit vm:vm-01 @erin 24h")).toContain(id);
    expect(await typed(world, "U0AUDIT", "audit @sam")).toContain("1 refused");
    expect(await typed(world, "U0AUDIT", "audit 2020-01-01..2020-01-02")).not.toContain(id);
  });

  it("shows others what they asked for, and nobody else's", async () => {
    expect(await typed(world, "U0ERIN", "audit")).toContain(id);
    expect(await typed(world, "U0LEAD", "audit")).not.toContain(id);
    expect(await typed(world, "U0SAM", "audit")).not.toContain(id);
    expect(await typed(world, "U0SAM", "audit @erin")).toContain(
      "Only admins and auditors can see what others did",
    );
    expect(await typed(world, "U0SINGLE", "audit")).not.toContain("Found ");
  });

  it("comes as a file, sent privately, and who looked is on record", async () => {
    await typed(world, "U0AUDIT", "audit vm:vm-01");
    const before = world.slack.ephemerals("U0AUDIT").length;
    await press("U0AUDIT", "jit.audit.csv");
    const said = await world.slack.waitFor(() => world.slack.ephemerals("U0AUDIT")[before]);
    expect(world.slack.plainText(said)).toMatch(/The files are in your DM: 1 request, \d+ entries/);
    const files = world.slack.direct("U0AUDIT").flatMap((message) => message.files ?? []);
    expect(files.map(({ name }) => String(name).replace(/\d{4}-\d\d-\d\d/, "DAY"))).toEqual([
      "jit-audit-DAY.csv",
      "jit-audit-entries-DAY.csv",
    ]);
    const texts = [...world.slack.world.files.values()].map(({ bytes }) => bytes?.toString("utf8"));
    const table = texts.find((one) => one?.startsWith("request,who")) ?? "";
    const [columns = "", row = "", ...none] = table.trimEnd().split("\r\n");
    expect(columns).toMatch(
      /^request,who,who_id,address,vm,ports,source,approvers,asked,opened,closed,minutes,reason,end,/,
    );
    expect(none).toEqual([]);
    expect(row).toMatch(
      new RegExp(
        `^${id},erin,U0ERIN,erin@contoso.example,rg-prod-shop/vm-01,3389,203.0.113.0/24 \\(vpn\\),lea \\(U0LEAD\\),`,
      ),
    );
    expect(row).toContain(`,120,"'=1+1, the <spooler>",on time,windows,`);
    expect(row).toContain(",https://portal.azure.com/#@/resource/subscriptions/");
    const text = texts.find((one) => one?.startsWith("seq,at")) ?? "";
    const [head, ...lines] = text.trimEnd().split("\r\n");
    expect(head).toBe(
      "seq,at,what,by,requester,request,vm,ports,source,reason,rule,policy,detail,seal,opensAt",
    );
    const asked = lines.find((line) => line.includes(",asked,")) ?? "";
    expect(asked).toMatch(
      new RegExp(`^\\d+,[-0-9T:.]+Z,asked,U0ERIN,U0ERIN,${id},rg-prod-shop/vm-01,3389,203`),
    );
    // What looks like a formula is a text to a spreadsheet: quoted, and with an apostrophe before it.
    expect(asked).toContain(`,"'=1+1, the <spooler>",windows,`);
    const whats = lines.map((line) => line.split(",")[2]);
    for (const what of ["asked", "granted", "azure-accepted", "opened", "ended"]) {
      expect(whats).toContain(what);
    }
    for (const line of lines) expect(line).not.toMatch(/(?:^|,)"?[=+@]/);
    expect(await typed(world, "U0AUDIT", "audit")).toMatch(/\d+ × audit log viewed/);
  });

  it("is asked for anew by each button, with the rights of whoever presses it", async () => {
    await typed(world, "U0ERIN", "audit");
    const { ts = "", channel = "" } = world.slack.ephemerals("U0ERIN").at(-1) ?? {};
    const before = world.slack.ephemerals("U0ERIN").length;
    const forge = { value: "audit @U0SAM" };
    await world.slack.click({ user: "U0ERIN", channel, ts, actionId: "jit.audit.jsonl", forge });
    const said = await world.slack.waitFor(() => world.slack.ephemerals("U0ERIN")[before]);
    expect(world.slack.plainText(said)).toContain("Only admins and auditors");
    const files = world.slack.direct("U0ERIN").flatMap((message) => message.files ?? []);
    expect(files.map(({ name }) => name)).not.toContainEqual(expect.stringContaining("audit"));
  });
});
