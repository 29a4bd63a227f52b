// Faults that no value shows by itself: unknown names, names used twice, times out of order.

import type { z } from "zod";
import { sinkIdentity } from "../../domain/audit/stream/sink-name.ts";
import { DAY_MS, formatDuration, parseDuration, SECOND_MS } from "../../domain/text/duration.ts";
import { nearest } from "../../domain/text/nearest-names.ts";
import { type ConfigFault, FAULTS_MAX, keyText, type Path, shown } from "../config-fault.ts";
import { RULES_MAX } from "./policy-schema.ts";
import { EXPIRE_AFTER_MS, NETWORKS_MAX, RuleFile, RuleNetwork } from "./rule-schema.ts";
import { SINKS_MAX, Sink } from "./sink-schema.ts";
import type { YamlFile } from "./yaml-positions.ts";

/**
 * Looks at the raw value and not at the schema's result, so that these faults are reported together
 * with the schema's: whatever part of a rule can be read is held against the rest.
 */
export function inconsistencies(file: YamlFile): readonly ConfigFault[] {
  const networkNames = new Set(Object.keys(record(record(file.value).networks)));
  const rotas = Object.keys(record(record(file.value).onCall));
  const faults: ConfigFault[] = [
    ...namesAlike(networkNames, file),
    ...keptTooShort(file),
    ...sinksTwice(file),
  ];
  const rules = record(file.value).rules;
  if (!Array.isArray(rules)) return faults;
  const namedAt = new Map<string, number>();
  for (const [index, raw] of rules.slice(0, RULES_MAX).entries()) {
    if (!isRecord(raw) || faults.length > FAULTS_MAX) continue;
    const rule = whatCanBeRead(raw);
    const say: Say = (key, message) => {
      const path: Path = ["rules", index, ...key];
      return [{ ...file.whereValue(path), key: keyText(path), message }];
    };
    const first = firstNamed(rule, index, namedAt);
    if (first !== undefined) {
      const message = `rules[${first}] has the same name: rename one of them.`;
      faults.push(...say(["name"], message));
    }
    faults.push(...unknownNetworks(raw, networkNames, say));
    faults.push(...unknownRotas(raw, rotas, say));
    faults.push(...undecidable(rule, raw, say));
    faults.push(...timesOutOfOrder(rule, say));
  }
  return faults;
}

/** How many names are compared with one that is unknown: a hostile file has many of both. */
const COMPARED_MAX = 200;

type Say = (key: Path, message: string) => readonly ConfigFault[];
type Raw = Readonly<Record<string, unknown>>;
type Readable = Partial<RuleFile>;

const isRecord = (value: unknown): value is Raw =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const record = (value: unknown): Raw => (isRecord(value) ? value : {});

function whatCanBeRead(raw: Raw): Readable {
  const readable: Record<string, unknown> = {};
  const shape: Readonly<Record<string, z.ZodType>> = RuleFile.shape;
  for (const [key, schema] of Object.entries(shape)) {
    const parsed = schema.safeParse(raw[key]);
    if (parsed.success) readable[key] = parsed.data;
  }
  return readable as Readable;
}

/** People type a network's name in any case. */
function namesAlike(names: ReadonlySet<string>, file: YamlFile): readonly ConfigFault[] {
  const spelled = new Map<string, string>();
  const faults: ConfigFault[] = [];
  for (const name of names) {
    const other = spelled.get(name.toLowerCase());
    spelled.set(name.toLowerCase(), name);
    if (other === undefined || faults.length > FAULTS_MAX) continue;
    const path = ["networks", name];
    const message = `This differs from ${shown(other)} only in case: choose another name.`;
    faults.push({ ...file.whereKey(path), key: keyText(path), message });
  }
  return faults;
}

/** What is gone from the audit is gone: a short period has to be confirmed. */
const KEEP_FOR_MIN_MS = 30 * DAY_MS;

function keptTooShort(file: YamlFile): readonly ConfigFault[] {
  const { keepFor, allowUnder30d } = record(record(file.value).audit);
  const keepForMs = typeof keepFor === "string" ? parseDuration(keepFor) : undefined;
  // Less than a second is a fault by itself.
  if (keepForMs === undefined || keepForMs < SECOND_MS || keepForMs >= KEEP_FOR_MIN_MS) return [];
  if (allowUnder30d === true) return [];
  const path = ["audit", "keepFor"];
  const message = `${shown(keepFor)} is shorter than 30d: write 30d or more, or say allowUnder30d: true beside it.`;
  return [{ ...file.whereValue(path), key: keyText(path), message }];
}

/** Its position is kept once: the same receiver would get each entry from one of the two. */
function sinksTwice(file: YamlFile): readonly ConfigFault[] {
  const { stream } = record(record(file.value).audit);
  const seen = new Map<string, number>();
  return (Array.isArray(stream) ? stream : []).slice(0, SINKS_MAX).flatMap((raw, index) => {
    const { data } = Sink.safeParse(raw);
    if (data === undefined) return [];
    const first = seen.get(sinkIdentity(data));
    if (first === undefined) {
      seen.set(sinkIdentity(data), index);
      return [];
    }
    const path = ["audit", "stream", index];
    const message = `This is the same receiver as audit.stream[${first}]: remove one of them.`;
    return [{ ...file.whereValue(path), key: keyText(path), message }];
  });
}

/** The rule before this one that has the same name; people don't tell names apart by case. */
function firstNamed({ name }: Readable, index: number, namedAt: Map<string, number>) {
  if (name === undefined) return undefined;
  const first = namedAt.get(name.toLowerCase());
  if (first === undefined) namedAt.set(name.toLowerCase(), index);
  return first;
}

function unknownNetworks(raw: Raw, names: ReadonlySet<string>, say: Say): readonly ConfigFault[] {
  const networks = Array.isArray(raw.networks) ? raw.networks.slice(0, NETWORKS_MAX) : [];
  return networks.flatMap((item: unknown, index) => {
    const { data } = RuleNetwork.safeParse(item);
    if (data?.kind !== "name" || names.has(data.name)) return [];
    const [meant] = nearest(data.name, [...names, "my-ip", "any"].slice(0, COMPARED_MAX), 1);
    const fix =
      meant === undefined ? "add it there, or write a CIDR, my-ip or any" : `write ${meant}`;
    return say(["networks", index], `${shown(data.name)} isn't among the networks: ${fix}.`);
  });
}

/** The keys of a rule that can name rotas. */
const NAMING_ROTAS: readonly Path[] = [
  ["approvers", "onCall"],
  ["autoApprove", "onCall"],
  ["escalate", "to", "onCall"],
  ["breakGlass", "onCall"],
];

function unknownRotas(raw: Raw, known: readonly string[], say: Say): readonly ConfigFault[] {
  return NAMING_ROTAS.flatMap((path) => {
    const named = path.reduce<unknown>((value, key) => record(value)[key], raw);
    const names: readonly unknown[] = Array.isArray(named) ? named.slice(0, COMPARED_MAX) : [];
    return names.flatMap((name, index) => {
      if (typeof name !== "string" || known.includes(name)) return [];
      const [meant] = nearest(name, known.slice(0, COMPARED_MAX), 1);
      const fix = meant === undefined ? "add it there" : `write ${meant}`;
      return say([...path, index], `${shown(name)} isn't a rota of onCall: ${fix}.`);
    });
  });
}

function undecidable(rule: Readable, raw: Raw, say: Say): readonly ConfigFault[] {
  if (rule.approvals === undefined) return [];
  const needed = Math.max(rule.approvals, rule.extend?.approvals ?? 0);
  if (needed === 0) return [];
  const faults: ConfigFault[] = [];
  if (rule.approvers !== undefined) {
    const { users, groups, onCall } = rule.approvers;
    const people = new Set(users).size;
    if (people + groups.length + onCall.length === 0) {
      faults.push(
        ...say(
          ["approvers"],
          "Nobody could approve: name users, groups or a rota, or set approvals to 0.",
        ),
      );
    } else if (groups.length + onCall.length === 0 && people < needed) {
      faults.push(
        ...say(
          ["approvers"],
          `${needed} must approve, but only ${people} could: name more people.`,
        ),
      );
    }
  }
  if (!Object.hasOwn(raw, "channel")) {
    const why = "This key is required: give the ID of the channel where cards go, such as C0PROD.";
    faults.push(...say(["channel"], why));
  }
  return faults;
}

function timesOutOfOrder(rule: Readable, say: Say): readonly ConfigFault[] {
  const { defaultDuration, maxDuration, expireAfter, lapseAfter, remindAfter, escalate } = rule;
  const faults: ConfigFault[] = [];
  if (defaultDuration !== undefined && maxDuration !== undefined && defaultDuration > maxDuration) {
    const most = formatDuration(maxDuration);
    const message = `This is longer than maxDuration, which is ${most}: write ${most} or less.`;
    faults.push(...say(["defaultDuration"], message));
  }
  if (expireAfter !== undefined && lapseAfter !== undefined) {
    const message = "This is the old name of expireAfter, which is there, too: remove this one.";
    faults.push(...say(["lapseAfter"], message));
  }
  const expiryMs = expireAfter ?? lapseAfter ?? EXPIRE_AFTER_MS;
  const tooLate = `This isn't before expireAfter, which is ${formatDuration(expiryMs)}: write less.`;
  if (remindAfter !== undefined && remindAfter >= expiryMs) {
    faults.push(...say(["remindAfter"], tooLate));
  }
  if (escalate !== undefined && escalate.after >= expiryMs) {
    faults.push(...say(["escalate", "after"], tooLate));
  }
  return faults;
}
