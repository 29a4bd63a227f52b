// A VM that somebody may not ask for is answered as a name that no VM has: by every command, word for word,
// and after the same questions to Slack, Azure and Redis, so that the time that it takes tells nothing either.

import { describe, expect, it } from "vitest";
import { buildApp, type Ports } from "../../src/app.ts";
import { verbs } from "../../src/domain/command/command.ts";
import type { Rule } from "../../src/domain/rules/policy.ts";
import { vmCode } from "../../src/domain/rules/vm-search.ts";
import { parseRequestId, type UserId } from "../../src/domain/text/ids.ts";
import type { Answer } from "../../src/ports/inbound.ts";
import type { Storage } from "../../src/ports/storage/storage.ts";
import { aRule, vmId } from "../support/requests.ts";
import { production, read, stagePolicy, startStage } from "./stage.ts";
import { ADA, AUDREY, ERIN, GROUPS, LEA, NOBODY, OMAR, SAM, type VMS } from "./universe.ts";

const [ONE] = GROUPS;
if (ONE === undefined) throw new Error("there is no group");

/** Everybody may ask for web-2; for vault-1 only a group may, and for what nobody named no one. */
const POLICIES: Readonly<Record<string, readonly Rule[]>> = {
  "that a rule lets others ask for": [
    { ...production, match: { vms: ["web-2"] } },
    aRule({
      name: "secret",
      match: { vms: ["vault-*"] },
      requesters: { users: [ERIN], groups: [ONE] },
      breakGlass: { users: [LEA], groups: [] },
      reason: "required",
    }),
  ],
  "that opens at once for others": [
    { ...production, match: { vms: ["web-2"] } },
    aRule({
      name: "secret",
      match: { vms: ["vault-*"] },
      requesters: { users: [], groups: [ONE] },
      approvals: 0,
    }),
  ],
  "that no rule lets anybody ask for": [{ ...production, match: { vms: ["web-2"] } }],
};

/** The VM's name stands where `%` is. */
const COMMANDS: readonly string[] = [
  ...[
    "request %",
    "request % 22",
    "request % 22 1h",
    "request % 22 1h for x",
    "request % 22 for 2h",
  ],
  ...["request % 22 1h for", "request % from", "request % 99 1h for x", "request % 22 99h for x"],
  ...[
    "request % 22 1h from 192.0.2.1 for x",
    "request rg-vault/% 22 1h for x",
    "request % 22,443 1h",
    "request bundle:% 22 1h",
  ],
  ...[
    "breakglass %",
    "breakglass % 22 1h for x",
    "explain %",
    "explain % 22 1h",
    "explain rg-vault/%",
  ],
  ...["list vm:%", "vms %", "vms rg-vault/%", "audit vm:%", "audit vm:% 7d"],
  ...["enable % 22", "enable %", "change % 22 max 1h", "disable %", "disable %,web-2"],
];

/** Commands that name no VM. */
const WITHOUT = [
  ...["status", "again", "open", "cancel", "end", "extend", "review", "away", "back"],
  ...["doctor", "help", "freeze", "unfreeze"],
];

/** The names have the same length and are as near to each other as to nothing else. */
const HIDDEN = "vault-1";
const UNKNOWN = "vault-9";

function stageOf(rules: readonly Rule[]) {
  const calls: string[] = [];
  const watched = <Port extends object>(name: string, port: Port): Port =>
    new Proxy(port, {
      get: (target, key, receiver) => {
        const method: unknown = Reflect.get(target, key, receiver);
        if (typeof method !== "function") return method;
        return (...given: unknown[]) => {
          calls.push(`${name}.${String(key)}`);
          return Reflect.apply(method, target, given);
        };
      },
    });
  const storage = (ports: Ports) =>
    ({
      requests: watched("requests", ports.requests),
      workQueue: watched("workQueue", ports.workQueue),
      leases: watched("leases", ports.leases),
      deadLetters: watched("deadLetters", ports.deadLetters),
      notices: watched("notices", ports.notices),
      deliveries: watched("deliveries", ports.deliveries),
      rateLimits: watched("rateLimits", ports.rateLimits),
      auditNotes: watched("auditNotes", ports.auditNotes),
      announcements: watched("announcements", ports.announcements),
      policyReports: watched("policyReports", ports.policyReports),
      peopleChanges: watched("peopleChanges", ports.peopleChanges),
      homeReaders: watched("homeReaders", ports.homeReaders),
      absences: watched("absences", ports.absences),
      freezes: watched("freezes", ports.freezes),
      endAlls: watched("endAlls", ports.endAlls),
      callKeys: watched("callKeys", ports.callKeys),
      storeClock: watched("storeClock", ports.storeClock),
      primary: watched("primary", ports.primary),
    }) satisfies Storage;
  const build: typeof buildApp = (ports: Ports, config) =>
    buildApp(
      {
        ...ports,
        ...storage(ports),
        azure: watched("azure", ports.azure),
        chat: watched("chat", ports.chat),
      },
      config,
    );
  const bundles = { [HIDDEN]: { vms: [HIDDEN] } };
  const stage = startStage(stagePolicy({ rules, bundles }), { build });
  return { stage, calls };
}

async function shown(answer: Answer): Promise<string> {
  if (answer.answer !== "request-form") return JSON.stringify(answer);
  const { later, ...form } = answer;
  return JSON.stringify([form, await later]);
}

/** What is answered and asked, with the name taken out. */
async function outcome(rules: readonly Rule[], user: UserId, name: string, command: string) {
  const { stage, calls } = stageOf(rules);
  // Nobody has asked for anything: the bot knows nobody's groups yet.
  calls.length = 0;
  const answer = await shown(await stage.says(user, command.replaceAll("%", name)));
  return { answer: answer.replaceAll(name, "%"), calls: [...calls] };
}

const STRANGERS: readonly UserId[] = [SAM, NOBODY, LEA];

describe.each(Object.entries(POLICIES))("a VM %s", (_, rules) => {
  const strangers = STRANGERS.filter(
    (user) => !rules.some(({ breakGlass }) => breakGlass.users.includes(user) && user === LEA),
  );

  it.each(COMMANDS)("is not there: %s", async (command) => {
    for (const user of strangers) {
      const hidden = await outcome(rules, user, HIDDEN, command);
      expect(hidden).toEqual(await outcome(rules, user, UNKNOWN, command));
      expect(hidden.answer).not.toContain("secret");
    }
  });

  it("is not there in the form, by search or by its code", async () => {
    const { stage } = stageOf(rules);
    const sender = stage.sender(SAM, { channel: undefined });
    const [hidden = "", unknown] = [HIDDEN, UNKNOWN].map((name) =>
      vmCode(vmId(name, "rg-vault").toLowerCase() as (typeof VMS)[number]["key"]),
    );
    const form = (code: string | undefined) => stage.inbound.form(sender, { vmCode: code });
    expect(await form(hidden)).toEqual(await form(unknown));
    expect(await stage.inbound.searchVms(sender, "vault")).toEqual({ bundles: [], vms: [] });
    const sent = (code = "", moreCodes: readonly string[] = []) => {
      const again = stage.sender(SAM, { channel: undefined });
      const fields = { ports: "22", duration: "1h", source: "", reason: "x" };
      return stage.inbound.sendForm(again, {
        vmCode: code,
        ...fields,
        moreCodes,
        isAllOrNone: false,
      });
    };
    expect(await sent(hidden)).toEqual(await sent(unknown));
    const [known] = (await stage.inbound.searchVms(sender, "")).vms;
    const beside = (code = "") => sent(known?.code, [code]);
    expect(await beside(hidden)).toEqual(await beside(unknown));
    expect(await sent(hidden, [known?.code ?? ""])).toEqual(await beside(unknown));
    const bundled = async (name: string, ...more: readonly string[]) => {
      const code = `bundle:${name}`;
      const said = [await form(code), await sent(code, more)];
      return JSON.stringify(said).replaceAll(name, "%");
    };
    expect(await bundled(HIDDEN)).toBe(await bundled(UNKNOWN));
    expect(await bundled(HIDDEN, known?.code ?? "")).toBe(
      await bundled(UNKNOWN, known?.code ?? ""),
    );
    expect(await stage.inbound.searchVms(sender, "bundle:")).toEqual({ bundles: [], vms: [] });
  });
});

describe("a request of somebody else", () => {
  it("fills in no form, and is answered as one that isn't there", async () => {
    const { stage } = stageOf(POLICIES["that a rule lets others ask for"] ?? []);
    const form = async (user: UserId, id: string) => {
      const again = parseRequestId(id);
      if (again === undefined) throw new Error(`${id} isn't an id`);
      const shown = await stage.inbound.form(stage.sender(user, { channel: undefined }), { again });
      return JSON.stringify(shown).replaceAll(id, "%");
    };
    const said = await shown(await stage.says(ERIN, `request ${HIDDEN} 22 1h for a secret`));
    const [id = ""] = /JIT-[0-9A-Z]{6}/.exec(said) ?? [];
    expect(await form(ERIN, id)).toContain("a secret");
    expect(await form(SAM, id)).toEqual(await form(SAM, "JIT-000000"));
    expect(await form(SAM, id)).not.toMatch(/a secret|vault/);
  });
});

describe("who does see a VM", () => {
  const rules = POLICIES["that a rule lets others ask for"] ?? [];
  const says = async (user: UserId, command: string) =>
    read(await stageOf(rules).stage.says(user, command));

  it("is offered its bundle in the form", async () => {
    const { stage } = stageOf(rules);
    const offered = async (user: UserId) => {
      const sender = stage.sender(user, { channel: undefined });
      return (await stage.inbound.searchVms(sender, "bundle:")).bundles.map(({ code }) => code);
    };
    expect(await offered(ERIN)).toEqual([`bundle:${HIDDEN}`]);
    expect(await offered(SAM)).toEqual([]);
  });

  it("is told of it: by name, by group, and whoever may break the glass", async () => {
    for (const user of [ERIN, OMAR]) {
      expect(await says(user, "request vault-1 22 1h for x")).toMatch(/^Requested JIT-/);
    }
    expect(await says(LEA, "breakglass vault-1 22 1h for x")).toMatch(/^Requested JIT-/);
    expect(await says(LEA, "request vault-1 22 1h for x")).toContain("can't request access");
  });

  it("is every admin and auditor, who list all VMs anyway", async () => {
    for (const user of [ADA, AUDREY]) {
      expect(await says(user, "request vault-1 22 1h for x")).toContain("can't request access");
      expect(await says(user, "explain vault-1 22")).toContain("secret");
    }
  });

  it("is somebody who was put into the group a moment ago", async () => {
    const { stage } = stageOf(rules);
    expect(read(await stage.says(SAM, "request vault-1 22 1h for x"))).toContain("can't find");
    stage.groups.get(ONE)?.set([OMAR, SAM]);
    stage.advance(10_000);
    expect(read(await stage.says(SAM, "request vault-1 22 1h for x"))).toMatch(/^Requested JIT-/);
  });

  it("is nobody who was taken out of an admins' group ten seconds ago", async () => {
    const admins = { users: [], groups: [ONE] };
    const stage = startStage(stagePolicy({ rules, admins }));
    const other = startStage(stagePolicy({ rules, admins }));
    for (const one of [stage, other]) {
      expect(read(await one.says(OMAR, "explain vault-1 22"))).toContain("secret");
      one.groups.get(ONE)?.set([]);
      one.advance(10_000);
    }
    expect(read(await stage.says(OMAR, "explain vault-1 22"))).toContain("can't find");
  });
});

it("leaves no command out", () => {
  const typed = verbs.map(({ verb }) => verb).filter((verb) => verb !== "form");
  const tried = new Set([...COMMANDS.map((one) => one.split(" ")[0]), ...WITHOUT]);
  expect(typed.filter((verb) => !tried.has(verb))).toEqual([]);
});
