// The request form as a value at each stage, within Slack's limits, and what is read back from it.

import { describe, expect, it } from "vitest";
import {
  blockOf,
  decodeCarried,
  draftIn,
  encodeCarried,
  errorBlock,
  sentIn,
} from "../../../../../src/adapters/slack/views/forms/form-state.ts";
import {
  bundleOption,
  foundOptions,
  requestFormView,
  vmOption,
} from "../../../../../src/adapters/slack/views/forms/request-form-view.ts";
import type { Choices, Terms } from "../../../../../src/domain/rules/form-options.ts";
import { channelId } from "../../../../../src/domain/text/ids.ts";
import { refuse } from "../../../../../src/domain/text/refusal.ts";
import { words } from "../../../../../src/domain/text/words.ts";
import type {
  BundleChoice,
  RequestForm,
  VmChoice,
} from "../../../../../src/ports/screens/request-form.ts";
import { faultsOfView } from "../../../../../src/sandbox/slack/blocks/layout-rules.ts";
import { anAsk, aRule, inState, LEA, OMAR, ONCALL, SAM } from "../../../../support/requests.ts";
import { BLANK_FORM } from "../../bench.ts";

const VM: VmChoice = {
  code: "abc-def",
  name: "vm-01",
  resourceGroup: "rg-web",
  address: "198.51.100.4",
  availability: "requestable",
};
const BUNDLE: BundleChoice = { code: "bundle:web", bundle: "web", count: 3, isTooMany: false };
const TERMS: Terms = {
  rule: aRule({
    reason: "required",
    approvals: 2,
    approvers: { users: [LEA, OMAR], groups: [ONCALL] },
  }),
  durations: ["15m", "1h", "2h"],
  chosenDuration: "1h",
  sources: ["vpn", "any"],
  chosenSource: "vpn",
};
const CHOICES: Choices = { ports: [22, 3389, 8443], chosenPorts: [3389], terms: TERMS };
const FULL: RequestForm = { ...BLANK_FORM, vm: VM, choices: CHOICES };
const CARRIED = { channel: channelId("C0GENERAL"), asked: {} };

const viewOf = (form: Partial<RequestForm>, more: object = {}) =>
  requestFormView({ form: { ...BLANK_FORM, ...form }, carried: CARRIED, ...more });

const blockIds = (view: ReturnType<typeof viewOf>) => view.blocks.map((block) => block.block_id);
const textOf = (view: ReturnType<typeof viewOf>) => JSON.stringify(view.blocks);

const long = (length: number) => "n".repeat(length);
const FULLEST: RequestForm = {
  ...FULL,
  vm: { ...VM, name: long(64), resourceGroup: long(90), availability: "not-configured" },
  problem: words`${long(5_000)}`,
  draft: { reason: "r".repeat(1_000), source: long(100), duration: "1h" },
  choices: {
    ports: Array.from({ length: 150 }, (_, n) => 1_000 + n),
    chosenPorts: Array.from({ length: 30 }, (_, n) => 1_120 + n),
    terms: {
      rule: aRule({ name: long(75), approvers: { users: Array(50).fill(SAM), groups: [ONCALL] } }),
      durations: ["1h"],
      chosenDuration: "1h",
      sources: Array.from({ length: 150 }, (_, n) => `${n}`.padEnd(75, "s")),
      chosenSource: "149".padEnd(75, "s"),
    },
  },
};

const MANY = Array.from({ length: 11 }, (_, n) => `10.0.${n}.0/24`);

const several = refuse("several-rules")`These ports fall under different rules.`;

const asked = (name: string, reason: string) => {
  const request = inState("ended");
  const ask = anAsk({ reason, vm: { ...request.ask.vm, name } });
  return { request: { ...request, ask }, asks: [ask, ask] as const };
};
const RECENT = [asked("vm-01", "the print spooler"), asked(long(100), long(1_000))];

const STAGES: readonly (readonly [string, Partial<RequestForm>])[] = [
  ["empty", {}],
  ["being filled in", { filling: true, draft: { reason: "so" } }],
  ["shut", { shut: words`Guests cannot ask.` }],
  [
    "of a VM without JIT",
    { vm: { ...VM, availability: "not-configured", address: undefined }, problem: words`No JIT.` },
  ],
  ["full", FULL],
  ["without ports chosen", { ...FULL, choices: { ...CHOICES, chosenPorts: [], terms: undefined } }],
  ["with ports of two rules", { ...FULL, choices: { ...CHOICES, terms: several } }],
  [
    "with a source to choose",
    { ...FULL, choices: { ...CHOICES, terms: { ...TERMS, chosenSource: undefined } } },
  ],
  [
    "with many sources to choose from",
    {
      ...FULL,
      choices: { ...CHOICES, terms: { ...TERMS, sources: MANY, chosenSource: undefined } },
    },
  ],
  [
    "without a source to choose",
    { ...FULL, choices: { ...CHOICES, terms: { ...TERMS, sources: [], chosenSource: undefined } } },
  ],
  ["fullest", FULLEST],
  ["with what was requested before", { recent: RECENT }],
  ["of several VMs", { ...FULL, more: [VM, { ...VM, code: "other" }] }],
  ["of a bundle", { ...FULL, vm: BUNDLE, choices: { ...CHOICES, chosenPorts: [] } }],
  [
    "of a bundle with the longest name and many rules",
    {
      ...FULL,
      vm: { code: `bundle:${long(63)}`, bundle: long(63), count: 50, isTooMany: true },
      rules: Array.from({ length: 60 }, () => TERMS.rule),
    },
  ],
];

const FROZEN: RequestForm["frozen"] = { by: undefined, atMs: 0, reason: "" };

describe("the form", () => {
  it.each(STAGES)("%s is one that Slack takes, every input with a label", (_, form) => {
    const view = viewOf(form);
    expect(faultsOfView(JSON.parse(JSON.stringify(view)), "modal")).toEqual([]);
    for (const block of view.blocks) {
      if ("label" in block) expect(block.label.text).not.toBe("");
    }
  });

  it.each<[string, Partial<RequestForm>, readonly (string | undefined)[]]>([
    ["empty", {}, ["vm"]],
    ["shut", { shut: words`Guests cannot ask.` }, [undefined]],
    ["with what was requested before", { recent: RECENT }, ["recent", "vm"]],
    ["with a reason that was typed", { draft: { reason: "so" } }, ["vm", "reason"]],
    // Above the menu that has the cursor, whose list would cover it.
    ["with a problem", { problem: words`Choose one.` }, [undefined, "vm"]],
    ["while access is frozen", { frozen: FROZEN, recent: RECENT }, [undefined, "recent", "vm"]],
  ])("%s has these blocks", (_, form, ids) => {
    const view = viewOf(form);
    expect(blockIds(view)).toEqual(ids);
    expect(view.submit === undefined).toBe(form.shut !== undefined);
  });

  /** What stands below a menu with the cursor is covered by its list. */
  it.each<[string, string | undefined]>([
    ["empty", "vm"],
    ["being filled in", undefined],
    ["shut", undefined],
    ["of a VM without JIT", "vm"],
    ["full", "reason"],
    ["without ports chosen", "ports"],
    ["with ports of two rules", "ports"],
    ["with a source to choose", "source"],
    ["with many sources to choose from", "reason"],
    ["without a source to choose", "address"],
    ["fullest", "reason"],
  ])("%s has the cursor in what is missing, and no list over it", (name, field) => {
    const view = viewOf(STAGES.find(([one]) => one === name)?.[1] ?? {});
    const inputs = view.blocks.flatMap((block) =>
      block.type === "input" && "element" in block ? [block] : [],
    );
    const focused = inputs.filter(({ element }) =>
      JSON.stringify(element).includes("focus_on_load"),
    );
    expect(focused.map(({ block_id }) => block_id?.split(".")[0])).toEqual(
      field === undefined ? [] : [field],
    );
    const below = inputs.slice(
      inputs.findIndex(({ block_id }) => block_id === focused[0]?.block_id) + 1,
    );
    const isMenu = focused.some(({ element }) => element.type.endsWith("_select"));
    expect(isMenu ? below.filter(({ block_id }) => block_id !== "reason") : []).toEqual([]);
    expect(view.submit === undefined).toBe(inputs.length === 0);
  });

  it.each<[Partial<VmChoice>, string, string | undefined]>([
    [{}, "vm-01 · rg-web", "198.51.100.4"],
    [{ availability: "not-configured" }, "vm-01 · rg-web · not configured", "198.51.100.4"],
    [{ availability: "unsupported" }, "vm-01 · rg-web · unsupported", "198.51.100.4"],
    [{ availability: "outside-hours" }, "vm-01 · rg-web · outside hours", "198.51.100.4"],
    [
      { availability: "no-port", address: undefined },
      "vm-01 · rg-web · no port you can request",
      undefined,
    ],
    [{ off: "stopped" }, "vm-01 · rg-web", "198.51.100.4 · stopped"],
    [{ off: "deallocated", address: undefined }, "vm-01 · rg-web", "deallocated"],
  ])("names the VM of %j with its state", (differs, text, about) => {
    const option = vmOption({ ...VM, ...differs });
    expect(option.text.text).toBe(text);
    expect(option.description?.text).toBe(about);
  });

  it("full asks for everything, and says who decides", () => {
    const view = viewOf(FULL);
    expect(blockIds(view).map((id) => id?.split(".")[0])).toEqual([
      "vm",
      "ports",
      "duration",
      "source",
      "address",
      "at",
      "reason",
      "more",
      "all",
      undefined,
    ]);
    const timed = viewOf({ ...FULL, zone: "Asia/Tokyo", draft: { opensAtMs: 1_796_000_040_000 } });
    expect(timed.blocks.find(({ block_id }) => block_id === "at")).toMatchObject({
      hint: {
        text: "Leave empty to open as soon as it's approved. Your time zone: Asia/Tokyo.",
      },
      optional: true,
      element: { type: "datetimepicker", initial_date_time: 1_796_000_040 },
    });
    expect(textOf(view)).toContain(
      "Needs approval from 2 of <!subteam^S0ONCALL>, <@U0LEAD> or <@U0OMAR> in <#C0PROD>",
    );
    expect(textOf(view)).toContain('"text":"3389 (RDP)"');
    expect(view.blocks.find(({ block_id }) => block_id === "reason")).toMatchObject({
      optional: false,
    });
    const free = { ...TERMS, rule: aRule({ approvals: 0, reason: "optional" as const }) };
    const other = viewOf({ ...FULL, choices: { ...CHOICES, terms: free } });
    expect(textOf(other)).toContain("Rule `production` needs no approval");
    expect(other.blocks.find(({ block_id }) => block_id === "reason")).toMatchObject({
      optional: true,
    });
  });

  it("keeps what stands in a block by its id, unless what it offers has changed", () => {
    const ids = blockIds(viewOf(FULL, { vmBlock: "vm" }));
    const again = (choices: Partial<Choices>, vm = VM) =>
      blockIds(viewOf({ ...FULL, vm, choices: { ...CHOICES, ...choices } }, { vmBlock: "vm" }));
    const differ = (other: readonly (string | undefined)[]) =>
      ids.filter((id, n) => id !== other[n]).map((id) => id?.split(".")[0]);
    expect(differ(again({ chosenPorts: [22, 3389] }))).toEqual([]);
    expect(
      differ(again({ terms: { ...TERMS, durations: ["15m"], chosenDuration: "15m" } })),
    ).toEqual(["duration"]);
    expect(differ(again({ terms: { ...TERMS, sources: ["vpn"] } }))).toEqual(["source"]);
    expect(differ(again({}, { ...VM, code: "other" }))).toEqual(["ports", "duration", "source"]);
  });

  it("fills in a VM in a block of its own, since Slack ignores what changes from the start", () => {
    expect(blockIds(viewOf(FULL))[0]).toBe("vm.abc-def");
    expect(blockIds(viewOf(FULL, { vmBlock: "vm" }))[0]).toBe("vm");
  });

  it("of a bundle doesn't ask for ports, and says who decides under each rule", () => {
    const build = aRule({ name: "build", approvals: 0, reason: "optional" });
    const choices = { ...CHOICES, chosenPorts: [] };
    const shown = (rules: RequestForm["rules"] = []) =>
      viewOf({ ...FULL, vm: BUNDLE, choices, rules });
    const view = shown([build, TERMS.rule]);
    const reasonOf = ({ blocks }: typeof view) =>
      blocks.find(({ block_id }) => block_id === "reason");
    expect(reasonOf(view)).toMatchObject({ optional: false });
    expect(reasonOf(shown([build]))).toMatchObject({ optional: true });
    const [vm, ports] = view.blocks;
    expect(vm).toMatchObject({ element: { initial_option: { value: "bundle:web" } } });
    expect(ports).toMatchObject({
      optional: true,
      hint: { text: "Leave empty for each VM's usual port." },
    });
    expect(textOf(view)).toContain("Needs approval from 2 of");
    expect(textOf(view)).toContain("Rule `build` needs no approval");
    expect(viewOf(FULL).blocks[1]).not.toHaveProperty("optional");
  });

  it("lets nothing that others named become a mention", () => {
    expect(textOf(viewOf({ problem: words`${"<!channel> & <@U0LEAD>"}` }))).toContain(
      "&lt;!channel&gt; &amp; &lt;@U0LEAD&gt;",
    );
  });
});

describe("an option", () => {
  it.each<[Partial<VmChoice>, string]>([
    [{}, "vm-01 · rg-web"],
    [{ availability: "not-configured" }, "vm-01 · rg-web · not configured"],
    [{ resourceGroup: long(90) }, `vm-01 · ${long(66)}…`],
    [
      { resourceGroup: long(90), availability: "not-configured" },
      `vm-01 · ${long(49)}… · not configured`,
    ],
  ])("of %j reads %s", (change, text) => {
    const option = vmOption({ ...VM, ...change });
    expect(option.text.text).toBe(text);
    expect(option.text.text.length).toBeLessThanOrEqual(75);
    expect(option.value).toBe("abc-def");
  });

  it.each<[Partial<BundleChoice>, string]>([
    [{}, "web (3 VMs)"],
    [{ count: 1 }, "web (1 VM)"],
    [{ count: 20, isTooMany: true }, "web (more than 20 VMs)"],
    [{ bundle: long(63), count: 20, isTooMany: true }, `${long(55)}… (more than 20 VMs)`],
  ])("of a bundle with %j reads %s", (change, text) => {
    const option = bundleOption({ ...BUNDLE, ...change });
    expect(option).toEqual({ text: { type: "plain_text", text }, value: "bundle:web" });
    expect(option.text.text.length).toBeLessThanOrEqual(75);
  });

  it("stands among bundles or VMs where there are both, and no group is empty", () => {
    const labelled = (found: Parameters<typeof foundOptions>[0]) =>
      foundOptions(found).option_groups?.map(({ label, options }) => [
        label.text,
        options.map(({ text }) => text.text),
      ]);
    const bundles: [string, string[]] = ["Bundles", ["web (3 VMs)"]];
    expect(labelled({ bundles: [BUNDLE], vms: [VM] })).toEqual([
      bundles,
      ["VMs", ["vm-01 · rg-web"]],
    ]);
    expect(labelled({ bundles: [BUNDLE], vms: [] })).toEqual([bundles]);
    expect(foundOptions({ bundles: [], vms: [VM] })).toEqual({ options: [vmOption(VM)] });
    expect(foundOptions({ bundles: [], vms: [] })).toEqual({ options: [] });
  });

  it("says the address where there is one", () => {
    expect(vmOption(VM).description?.text).toBe("198.51.100.4");
    expect(vmOption({ ...VM, address: undefined })).not.toHaveProperty("description");
  });
});

describe("what stands in the form", () => {
  const fields = new Map([
    ["vm", "abc-def"],
    ["ports.xyz", "22,3389"],
    ["duration.xyz", "2h"],
    ["source.xyz", "vpn"],
    ["address", " 203.0.113.7 "],
    ["reason", "so\nthere"],
    ["more", "one,two"],
    ["all", ""],
  ]);
  const carried = {
    ...CARRIED,
    asked: { ports: [22], duration: "30m" },
    draft: { duration: "4h", source: "any" },
  };

  it("is sent as typed, an address before a network", () => {
    expect(sentIn(fields, carried)).toEqual({
      vmCode: "abc-def",
      ports: "22,3389",
      duration: "2h",
      source: "203.0.113.7",
      reason: "so\nthere",
      moreCodes: ["one", "two"],
      isAllOrNone: false,
    });
    expect(sentIn(new Map([...fields, ["address", ""]]), carried)).toMatchObject({ source: "vpn" });
  });

  it("stays when the ports change, also what is not on the screen", () => {
    expect(draftIn(fields, carried, "ports")).toEqual({
      vmCode: "abc-def",
      ports: [22, 3389],
      duration: "2h",
      source: "203.0.113.7",
      reason: "so\nthere",
    });
    const bare = new Map([
      ["vm.abc", "abc"],
      ["ports.xyz", ""],
    ]);
    expect(draftIn(bare, carried, "ports")).toEqual({
      vmCode: "abc",
      ports: [],
      duration: "4h",
      source: "any",
      reason: undefined,
    });
  });

  it("stays when the VM changes, as far as it was typed", () => {
    expect(draftIn(fields, carried, "vm")).toEqual({
      vmCode: "abc-def",
      ports: [22],
      duration: "30m",
      source: "203.0.113.7",
      reason: "so\nthere",
    });
  });

  it.each([
    ["vm", "vm"],
    ["ports", "ports.xyz"],
    ["duration", "duration.xyz"],
    ["source", "address"],
    ["reason", "reason"],
  ] as const)("an error about %s stands beside %s", (field, block) => {
    expect(errorBlock(fields, field)).toBe(block);
  });

  it("an error about what is not on the screen stands beside the VM", () => {
    const bare = new Map([
      ["vm.abc", "abc"],
      ["source.x", "vpn"],
      ["address", ""],
    ]);
    expect(errorBlock(bare, "ports")).toBe("vm.abc");
    expect(errorBlock(bare, "source")).toBe("source.x");
    expect(errorBlock(new Map(), "ports")).toBe("vm");
    expect(blockOf(new Map([["vmx", ""]]), "vm")).toBeUndefined();
  });
});

describe("what the form carries", () => {
  it("comes back as it was, within Slack's 3,000 characters", () => {
    const ports = Array.from({ length: 20 }, (_, n) => 65_000 + n);
    const carried = {
      ...CARRIED,
      asked: { ports, duration: "1h30m", source: '"'.repeat(100) },
      draft: {
        duration: "1h",
        source: "\\".repeat(100),
        opensAtMs: 1_796_000_040_000,
        at: { day: { year: 2026, month: 12, day: 1 }, time: { hour: 23, minute: 0 } },
      },
      address: '"'.repeat(100),
    };
    expect(decodeCarried(encodeCarried(carried))).toEqual(carried);
    expect(encodeCarried(carried).length).toBeLessThan(3_000);
  });

  it.each(["", "{", "null", "[]", "7", '{"channel":"<!here>"}', '{"asked":{"ports":"22"}}'])(
    "is nothing where it is %j",
    (metadata) => {
      expect(decodeCarried(metadata)).toEqual({ channel: undefined, asked: {}, draft: {} });
    },
  );
});
