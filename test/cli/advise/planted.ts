// Policies, VMs and histories made up by a seed, with slack planted in them: what nobody uses is known beforehand.

import type { AuditEntry, Detail } from "../../../src/domain/audit/audit-entry.ts";
import { type RequestId, requestIdFrom } from "../../../src/domain/text/ids.ts";
import type { JitVmPolicy, Vm } from "../../../src/domain/vm/vm.ts";
import { aPort, aVm, aVmPolicy, HOUR, MINUTE, T0, vmId } from "../../support/requests.ts";

const DAY = 24 * HOUR;
export const NOW = T0 + 90 * DAY;

/** What was planted: in which rule (or network, or VM), and what of it. */
type Slack = { readonly kind: string; readonly about: string; readonly what: string };

export type UsedAccess = {
  readonly rule: string;
  readonly vm: Vm;
  readonly ports: readonly number[];
  readonly durationMs: number;
  readonly source: string;
  readonly network: string | undefined;
  readonly approver: string;
  /** From when it was asked for until the end that it asked for. */
  readonly neededMs: number;
};

export type World = {
  readonly text: string;
  readonly vms: readonly Vm[];
  readonly vmPolicies: readonly JitVmPolicy[];
  readonly entries: readonly AuditEntry[];
  readonly planted: readonly Slack[];
  readonly used: readonly UsedAccess[];
};

type Random = () => number;

const NETWORKS = {
  vpn: ["203.0.113.0/24"],
  office: ["198.51.100.0/25", "198.51.100.128/25"],
  lab: ["192.0.2.0/24"],
  old: ["100.64.0.0/16"],
} as const;
const PORTS = [22, 3389, 5985, 5986, 8443];

type Plan = {
  readonly name: string;
  readonly env: string;
  readonly ports: readonly number[];
  readonly usedPorts: readonly number[];
  readonly maxHours: number;
  readonly usedMinutes: number;
  readonly networks: readonly string[];
  readonly usedNetworks: readonly string[];
  readonly approvers: readonly string[];
  readonly active: readonly string[];
  readonly vms: readonly Vm[];
};

/** Small integers and picks of one seed. */
function dice(random: Random) {
  const below = (count: number) => Math.floor(random() * count);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const some = <T>(list: readonly T[], least: number): readonly T[] => {
    const shuffled = list.map((one) => [random(), one] as const).toSorted(([a], [b]) => a - b);
    return shuffled.slice(0, least + below(list.length - least + 1)).map(([, one]) => one);
  };
  const chance = (of: number) => random() < of;
  return { below, pick, some, chance };
}

export function plantedWorld(random: Random): World {
  const { below, chance } = dice(random);
  const plans = Array.from({ length: 2 + below(4) }, (_, n) => planOf(n, random));
  const hasHeir = chance(0.25);
  const dead = chance(0.5) ? ["retired"] : [];
  const idle = chance(0.5) ? ["spare"] : [];
  const spare = aVm({ name: "spare-1", id: vmId("spare-1"), tags: { env: "spare" } });
  const vms = [...plans.flatMap((plan) => plan.vms), ...(idle.length > 0 ? [spare] : [])];
  const history = historyOf(plans, random);
  const rules = [...plans.map((plan) => ruleText(plan, random)), ...dead.map(restText)];
  const last = hasHeir ? [heirText()] : [];
  const text = `${headText(plans, random)}rules:   # the first that matches decides\n${[...rules, ...idle.map(restText), ...last].join("\n")}`;
  const vmPolicies = vms.map((vm) =>
    aVmPolicy(
      vm,
      PORTS.map((port) => aPort(port, { maxDurationMs: 12 * HOUR })),
    ),
  );
  return {
    text,
    vms,
    vmPolicies,
    ...history,
    planted: [
      ...plans.flatMap((plan) => slackIn(plan, history.used)),
      ...dead.map((about) => ({ kind: "matches-nothing", about, what: about })),
      ...idle.map((about) => ({ kind: "rule-unused", about, what: about })),
      ...(dead.length + idle.length > 0 || hasHeir ? [] : networkSlack(plans)),
      ...jitSlack(plans, history),
    ],
  };
}

function planOf(n: number, random: Random): Plan {
  const { below, pick, some } = dice(random);
  const ports = some(PORTS, 1);
  const networks = some(["vpn", "office", "lab", "my-ip"], 1);
  const approvers = Array.from({ length: 2 + below(4) }, (_, at) => `U0A${n}X${at}`);
  const maxHours = pick([2, 4, 8, 12]);
  // Two stay to approve what one of them asks for, whether they decide or not.
  const active = some(approvers, 2);
  return {
    name: `rule ${n}`,
    env: `env${n}`,
    ports,
    usedPorts: some(ports, 1),
    maxHours,
    usedMinutes: 15 * (1 + below(maxHours * 4)),
    networks,
    usedNetworks: some(networks, 1),
    approvers,
    active,
    vms: Array.from({ length: 1 + below(6) }, (_, at) =>
      aVm({ name: `vm-${n}-${at}`, id: vmId(`vm-${n}-${at}`), tags: { env: `env${n}` } }),
    ),
  };
}

const slackIn = (plan: Plan, used: readonly UsedAccess[]): readonly Slack[] => {
  const { name: about } = plan;
  const needed = used.filter(({ rule }) => rule === about).map(({ neededMs }) => neededMs);
  const usedMinutes = Math.max(...needed) / MINUTE;
  const unused = <T>(kind: string, all: readonly T[], used: readonly T[]) =>
    all.filter((one) => !used.includes(one)).map((one) => ({ kind, about, what: `${one}` }));
  const stepMinutes = usedMinutes <= 120 ? 15 : usedMinutes <= 480 ? 30 : 60;
  const isLonger = Math.ceil(usedMinutes / stepMinutes) * stepMinutes < plan.maxHours * 60;
  return [
    ...unused("ports", plan.ports, plan.usedPorts),
    ...unused("networks", plan.networks, plan.usedNetworks),
    ...unused("approvers", plan.approvers, plan.active),
    ...(isLonger ? [{ kind: "duration", about, what: "" }] : []),
  ];
};

/** Of the office, people come from the first range alone. */
function networkSlack(plans: readonly Plan[]): readonly Slack[] {
  const isUsed = (name: string) => plans.some((plan) => plan.usedNetworks.includes(name));
  const isPlain = plans.every(
    (plan) => !plan.networks.includes("office") || plan.usedNetworks.includes("office"),
  );
  return [
    ...Object.keys(NETWORKS).flatMap((name) =>
      isUsed(name) ? [] : [{ kind: "network-unused", about: name, what: name }],
    ),
    ...(isUsed("office") && isPlain
      ? [{ kind: "ranges", about: "office", what: NETWORKS.office[1] }]
      : []),
  ];
}

/** Ports of VMs that were asked for otherwise, and time beyond what was asked for. */
const jitSlack = (
  plans: readonly Plan[],
  { asked }: { readonly asked: ReadonlyMap<string, ReadonlySet<number>> },
): readonly Slack[] =>
  plans.flatMap(({ vms }) =>
    vms.flatMap(({ name }) => {
      const ports = asked.get(name);
      if (ports === undefined) return [];
      return PORTS.filter((port) => !ports.has(port)).map((port) => ({
        kind: "jit",
        about: name,
        what: `${port}`,
      }));
    }),
  );

function historyOf(plans: readonly Plan[], random: Random) {
  const { below, pick, chance } = dice(random);
  const entries: Omit<AuditEntry, "seq">[] = [];
  const used: UsedAccess[] = [];
  const asked = new Map<string, Set<number>>();
  let count = 0;
  const nextId = () => {
    const at = count++;
    return requestIdFrom(Uint8Array.from([0, 0, 0, at >> 10, at >> 5, at]));
  };
  const ask = (
    plan: Plan,
    given: Partial<UsedAccess> & { denied?: boolean; extended?: boolean },
  ) => {
    const vm = given.vm ?? pick(plan.vms);
    const id = nextId();
    const network = given.network ?? pick(plan.usedNetworks);
    const durationMs =
      given.durationMs ?? Math.ceil(((1 + below(plan.usedMinutes / 15)) * 15) / 2) * MINUTE;
    const access: UsedAccess = {
      rule: plan.name,
      vm,
      ports: [given.ports?.[0] ?? pick(plan.usedPorts)],
      durationMs,
      source: sourceIn(network, random),
      // Before it was recorded, nobody knew by which name.
      network: chance(0.5) || network === "my-ip" ? network : undefined,
      approver: given.approver ?? pick(plan.active),
      neededMs: durationMs,
    };
    const known = asked.get(vm.name) ?? new Set();
    asked.set(vm.name, new Set([...known, ...access.ports]));
    const atMs = Math.round(NOW - (2 + random() * 86) * DAY);
    const further = { ...access, neededMs: Math.round(durationMs * 1.5) };
    const isExtended = chance(0.15) && further.neededMs <= plan.maxHours * HOUR;
    const into = isExtended ? nextId() : undefined;
    entries.push(...lifeOf(id, access, { atMs, into, denied: given.denied === true }));
    if (given.denied === true) return;
    used.push(access);
    if (into === undefined) return;
    // Asked for when half of it was over, for as long again.
    const endsAtMs = atMs + MINUTE + durationMs;
    const first = { id, endsAtMs, isSaid: chance(0.5) };
    const life = { atMs: Math.round(endsAtMs - durationMs / 2), first };
    entries.push(...lifeOf(into, further, life));
    used.push(further);
  };
  for (const plan of plans) {
    for (const port of plan.usedPorts) ask(plan, { ports: [port] });
    for (const network of plan.usedNetworks) ask(plan, { network });
    for (const approver of plan.active) ask(plan, { approver });
    for (let n = 20 + below(60); n > 0; n--) ask(plan, {});
    ask(plan, { durationMs: plan.usedMinutes * MINUTE });
    // What was asked for and denied was never used.
    for (const port of plan.ports) if (chance(0.3)) ask(plan, { ports: [port], denied: true });
  }
  const inOrder = entries.toSorted((a, b) => a.atMs - b.atMs);
  return { entries: inOrder.map((entry, at) => ({ ...entry, seq: at + 1 })), used, asked };
}

/** As the command has it: the whole of a network, or an address in it. */
function sourceIn(network: string, random: Random): string {
  const { below, chance } = dice(random);
  if (network === "my-ip") return `93.184.216.${1 + below(200)}`;
  const cidr = NETWORKS[network as keyof typeof NETWORKS][0];
  return chance(0.7) || network !== "vpn" ? cidr : "203.0.113.64/28";
}

type Life = {
  readonly atMs: number;
  readonly denied?: boolean;
  /** What carries it on. */
  readonly into?: RequestId | undefined;
  /** What it carries on, and whether its entry says so. */
  readonly first?: { readonly id: RequestId; readonly endsAtMs: number; readonly isSaid: boolean };
};

function lifeOf(
  request: RequestId,
  access: UsedAccess,
  { atMs, denied, into, first }: Life,
): readonly Omit<AuditEntry, "seq">[] {
  const { vm, ports, source, network, durationMs, approver, rule } = access;
  const entry = (what: string, afterMs: number, by?: string, detail: Detail = {}) => ({
    atMs: atMs + afterMs,
    what,
    by,
    requester: "U0ERIN",
    request,
    vm: `rg-web/${vm.name}`,
    detail: { rule, policy: "abc", ...detail },
    erased: false,
    seal: "x",
  });
  const named = network === undefined ? {} : { network };
  const said = first?.isSaid === true ? { extends: first.id } : {};
  const what = { vm: vm.id, ports: ports.join(), source, ...named, ...said };
  const endsAtMs = (first?.endsAtMs ?? atMs + MINUTE) + durationMs;
  const asked = entry("asked", 0, "U0ERIN", { ...what, durationMs, reason: "why" });
  if (denied === true) return [asked, entry("denied", MINUTE, approver, { reason: "no" })];
  return [
    asked,
    entry("granted", MINUTE, approver, { endsAtMs }),
    entry("azure-accepted", MINUTE + 1, undefined, { endsAtMs }),
    entry("opened", MINUTE + 2, undefined, { endsAtMs }),
    into === undefined
      ? entry("ended", endsAtMs - atMs, undefined, { how: "expired", endedAtMs: endsAtMs })
      : entry("extended", durationMs / 2 + MINUTE + 3 + MINUTE, undefined, { into }),
  ];
}

function headText(plans: readonly Plan[], random: Random): string {
  const { chance } = dice(random);
  const office = chance(0.5)
    ? `[${NETWORKS.office.join(", ")}]`
    : `\n${NETWORKS.office.map((one) => `    - ${one}   # a floor\n`).join("")}`.trimEnd();
  return `# Made up: ${plans.length} rules.
channels: { notices: C0NOTICES }
admins: { users: [U0ADMIN] }

networks:
  vpn: ${NETWORKS.vpn[0]}
  # both floors
  office: ${office}
  lab: ["${NETWORKS.lab[0]}"]
  old: ${NETWORKS.old[0]} # gone?
`;
}

/** In one of the ways in which people write lists. */
function listText(items: readonly (string | number)[], indent: number, random: Random): string {
  const pad = " ".repeat(indent);
  const { pick } = dice(random);
  switch (pick(["flow", "tight", "block", "lines"] as const)) {
    case "flow":
      return `[${items.join(", ")}]`;
    case "tight":
      return `[ ${items.join(",")} ]`;
    case "block":
      return `\n${items.map((one) => `${pad}- ${one}   # ${one}`).join("\n")}`;
    case "lines":
      return `[\n${items.map((one) => `${pad}${one}, # ${one}`).join("\n")}\n${pad.slice(2)}]`;
  }
}

function ruleText(plan: Plan, random: Random): string {
  const { chance } = dice(random);
  const list = (items: readonly (string | number)[], indent: number) =>
    listText(items, indent, random);
  const max = `    maxDuration: ${plan.maxHours}h    # as long as a shift\n`;
  return `  # ${plan.name}: who asked for it, and why
  - name: ${plan.name}
    match:
      tags: { env: ${plan.env} }
      ports: ${list(plan.ports, 8)}
    requesters: anyone
    approvers:
      users: ${list(plan.approvers, 8)}
    channel: C0PROD
${chance(0.8) || plan.maxHours !== 3 ? max : ""}    networks: ${list(plan.networks, 6)}
    reason: optional
`;
}

const restText = (name: string): string => `  - name: ${name}
    match: { tags: { env: ${name} } }
    requesters: anyone
    approvals: 0
    maxDuration: 1h
    networks: [vpn, office, lab, my-ip]
`;

const heirText = (): string => `  - name: the rest
    requesters: anyone
    approvals: 0
    maxDuration: 1h
    networks: [vpn, office, lab, old]
`;
