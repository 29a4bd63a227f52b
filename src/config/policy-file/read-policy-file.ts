// Reads the policy file: YAML text into the policy that the rules work with, or every fault in it.

import { createHash } from "node:crypto";
import { z } from "zod";
import type {
  AllowedSource,
  Bundle,
  Match,
  People,
  Policy,
  Rule,
} from "../../domain/rules/policy.ts";
import { HOUR_MS } from "../../domain/text/duration.ts";
import { rotaName } from "../../domain/text/ids.ts";
import { type ConfigFault, inOrder, type Path } from "../config-fault.ts";
import { deepFreeze } from "../freeze.ts";
import { canonicalCidr } from "./cidr.ts";
import { inconsistencies } from "./consistency.ts";
import { PolicyFile } from "./policy-schema.ts";
import { rotaSourcesOf } from "./rota-schema.ts";
import { EXPIRE_AFTER_MS, KEEP_FOR_MS, type RuleFile } from "./rule-schema.ts";
import { faultsOf, sentence } from "./schema-issues.ts";
import { readYaml, type Where } from "./yaml-positions.ts";

/**
 * Reads a policy file. Answers the policy, complete and frozen to the bottom, and where its keys stand;
 * or every fault of the file at once, in the order of its lines. Never throws, and takes no longer for a hostile text
 * than for a long one.
 */
export function readPolicyFile(
  text: string,
):
  | { readonly policy: Policy; readonly where: (path: Path) => Where }
  | { readonly faults: readonly ConfigFault[] } {
  const { file, faults: written } = readYaml(text);
  if (file === undefined) return { faults: inOrder(written) };
  const parsed = PolicyFile.safeParse(file.value, { error: sentence });
  // What YAML couldn't give a value for need not be called missing as well.
  const without = new Set(written.map(({ key }) => key).filter((key) => key !== ""));
  const meant = [...faultsOf(parsed.error?.issues ?? [], file), ...inconsistencies(file)];
  const faults = [...written, ...meant.filter(({ key }) => !without.has(key))];
  if (!parsed.success || faults.length > 0) return { faults: inOrder(faults) };
  const hash = createHash("sha256").update(text).digest("hex");
  return { policy: deepFreeze(policyOf(parsed.data, hash)), where: file.whereValue };
}

/** The policy file as JSON Schema (draft 7, which editors' YAML support understands). */
export function policyJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(PolicyFile, { io: "input", target: "draft-7" });
}

function policyOf(file: PolicyFile, hash: string): Policy {
  // Without a prototype, so that a source named "constructor" finds nothing.
  const networks: Record<string, readonly string[]> = Object.create(null);
  for (const [name, cidrs] of Object.entries(file.networks)) {
    networks[name] = listOf(cidrs).map(canonicalCidr);
  }
  return {
    hash,
    azure: azureOf(file.azure),
    channels: file.channels,
    ...(file.notices === "exceptions" && { notices: file.notices }),
    admins: file.admins,
    auditors: file.auditors,
    networks,
    endEarly: file.endEarly,
    limits: file.limits,
    ...bundlesOf(file.bundles),
    ...(file.breaker && { breaker: file.breaker }),
    myIp: {
      trustedProxies: file.myIp.trustedProxies,
      header: file.myIp.header,
      rememberForMs: file.myIp.rememberFor,
    },
    ...(Object.keys(file.onCall).length > 0 && { onCall: rotaSourcesOf(file.onCall) }),
    people: file.people,
    privacy: file.privacy,
    audit: { keepForMs: file.audit.keepFor, stream: file.audit.stream },
    watch: watchOf(file.watch),
    rules: file.rules.map((rule) => ruleOf(rule, networks)),
  };
}

function azureOf({ sourceLists, ...azure }: PolicyFile["azure"]): Policy["azure"] {
  return sourceLists ? { ...azure, sourceLists } : azure;
}

/** Without a prototype, as the networks; a file without bundles has none. */
function bundlesOf(files: PolicyFile["bundles"]): Pick<Policy, "bundles"> {
  const names = Object.entries(files);
  if (names.length === 0) return {};
  const bundles: Record<string, Bundle> = Object.create(null);
  for (const [name, { vms, resourceGroups, tags }] of names) {
    bundles[name] = {
      ...(vms.length > 0 && { vms }),
      ...(resourceGroups.length > 0 && { resourceGroups }),
      ...(Object.keys(tags).length > 0 && { tags: tagsOf(tags) }),
    };
  }
  return { bundles };
}

/** `watch: off` and `watch: { every: off }` mean the same. */
function watchOf(watch: PolicyFile["watch"]): Policy["watch"] {
  const every = typeof watch === "object" ? watch.every : watch;
  return typeof every === "number" ? { everyMs: every } : undefined;
}

function ruleOf(rule: RuleFile, networks: Policy["networks"]): Rule {
  const { escalate, extend } = rule;
  const autoApprove = peopleOf(rule.autoApprove);
  return {
    name: rule.name,
    match: matchOf(rule.match),
    requesters: rule.requesters,
    approvers: peopleOf(rule.approvers),
    channel: rule.channel,
    approvals: rule.approvals,
    defaultDurationMs: rule.defaultDuration ?? Math.min(HOUR_MS, rule.maxDuration),
    maxDurationMs: rule.maxDuration,
    networks: rule.networks.map((source) => sourceOf(source, networks)),
    reason: rule.reason,
    expireAfterMs: rule.expireAfter ?? rule.lapseAfter ?? EXPIRE_AFTER_MS,
    ...(rule.lapseAfter !== undefined && { usesLapseAfter: true }),
    ...(rule.start === "requester" && { keepForMs: rule.keepFor ?? KEEP_FOR_MS }),
    ...(rule.keepFor !== undefined && { heldForMs: rule.keepFor }),
    remindAfterMs: rule.remindAfter,
    escalate: escalate && { afterMs: escalate.after, to: peopleOf(escalate.to) },
    warnBeforeMs: rule.warnBefore,
    // An extension is a grant like the first: without a word to the contrary, as many must agree.
    extend: extend && { max: extend.max, approvals: extend.approvals ?? rule.approvals },
    breakGlass: peopleOf(rule.breakGlass),
    ...(isSomebody(autoApprove) && { autoApprove }),
    ...(rule.delegation && { delegation: true }),
  };
}

const peopleOf = ({ users, groups, onCall }: RuleFile["approvers"]): People => ({
  users,
  groups,
  ...(onCall.length > 0 && { onCall: onCall.map(rotaName) }),
});

const isSomebody = ({ users, groups, onCall = [] }: People): boolean =>
  users.length + groups.length + onCall.length > 0;

const tagsOf = (tags: Readonly<Record<string, string | readonly string[]>>) =>
  Object.fromEntries(Object.entries(tags).map(([name, values]) => [name, listOf(values)]));

function matchOf({
  tags,
  subscriptions,
  resourceGroups,
  vms,
  ports,
  hours,
}: RuleFile["match"]): Match {
  return {
    ...(tags && { tags: tagsOf(tags) }),
    ...(subscriptions && { subscriptions }),
    ...(resourceGroups && { resourceGroups }),
    ...(vms && { vms }),
    ...(ports && { ports }),
    ...(hours && hours.length > 0 && { hours }),
  };
}

function sourceOf(
  source: RuleFile["networks"][number],
  networks: Policy["networks"],
): AllowedSource {
  switch (source.kind) {
    case "name":
      return { kind: "network", name: source.name, cidrs: networks[source.name] ?? [] };
    case "cidr":
      return { kind: "cidr", cidr: canonicalCidr(source.cidr) };
    default:
      return source;
  }
}

const listOf = (value: string | readonly string[]): readonly string[] =>
  typeof value === "string" ? [value] : value;
