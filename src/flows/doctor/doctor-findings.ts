// What the doctor makes of the facts of each side: what is fine, what isn't, and the fix.

import { UNSEALED_MAX_MS } from "../../domain/audit/links.ts";
import { warningsOf } from "../../domain/check/policy-warnings.ts";
import type { Finding } from "../../domain/doctor/finding.ts";
import { MESSAGES_TAB_FIX, MESSAGES_TAB_OFF } from "../../domain/doctor/messages-tab.ts";
import { redisRefusal } from "../../domain/doctor/redis-refusals.ts";
import type { Policy } from "../../domain/rules/policy.ts";
import { formatDuration, MINUTE_MS } from "../../domain/text/duration.ts";
import type { ChannelId } from "../../domain/text/ids.ts";
import type { AuditFacts, RedisFacts, SettingsFacts, SlackFacts } from "../../ports/checkup.ts";

const AUDIT_KEY_WARNINGS: Readonly<Record<SettingsFacts["auditKey"], readonly string[]>> = {
  good: [],
  guessable: [
    "AUDIT_KEY is shorter than 32 characters, so anyone who can read Redis may guess it and forge the audit log: set it to the output of `openssl rand -hex 32`, and AUDIT_KEYS_BEFORE to the old one.",
  ],
  none: [
    "AUDIT_KEY isn't set, so anyone who can write to Redis can forge the audit log: set it to the output of `openssl rand -hex 32`.",
  ],
};

export function settingsFindings({ auditKey, inTheClear }: SettingsFacts): readonly Finding[] {
  return [
    ...AUDIT_KEY_WARNINGS[auditKey].map(
      (says): Finding => ({ level: "warning", about: "Settings", says }),
    ),
    ...inTheClear.map(({ what, host, fix }): Finding => {
      const says = `what goes to ${host} isn't encrypted, and anyone on the way can read it: ${fix}.`;
      return { level: "warning", about: what, says };
    }),
  ];
}

/** More are read in a terminal. */
const WARNINGS_SHOWN = 5;

/** Of a file without a fault; `name` is what people know it by. */
export function policyFindings(policy: Policy, name: string): readonly Finding[] {
  const about = "Policy file";
  const { length } = policy.rules;
  const rules = length === 1 ? "1 rule" : `${length} rules`;
  const fine: Finding = { level: "fine", about, says: `${name} has ${rules} and no errors.` };
  const warnings = warningsOf(policy).filter(({ weight }) => weight === "warning");
  const shown = warnings.slice(0, WARNINGS_SHOWN).map(
    ({ path, message }): Finding => ({
      level: "warning",
      about,
      says: `${placeIn(policy, path)}: ${message}`,
    }),
  );
  const left = warnings.length - shown.length;
  const more: Finding = { level: "warning", about, says: `and ${left} more: run jit check.` };
  return [fine, ...shown, ...(left > 0 ? [more] : [])];
}

/** A rule by its name, for its number is nowhere in the file. */
function placeIn(policy: Policy, [first, second, ...rest]: readonly (string | number)[]): string {
  const rule = first === "rules" && typeof second === "number" && policy.rules[second];
  const keys = rule ? [`rule "${rule.name}"`, ...rest] : [first, second, ...rest];
  return keys.filter((key) => key !== undefined).join(", ");
}

/** What the bot can't do without; `manifest.yml` asks for them. */
const SCOPES = ["commands", "chat:write", "im:write", "users:read"];
/** Without these something less is known. */
const LESSER_SCOPES = ["usergroups:read", "channels:read", "groups:read"];

export function slackFindings({
  team,
  scopes,
  channels,
  skewMs = 0,
}: SlackFacts): readonly Finding[] {
  const about = "Slack";
  const lacking = [...SCOPES, ...LESSER_SCOPES].filter((one) => scopes?.includes(one) === false);
  const scopeFindings: readonly Finding[] =
    scopes === undefined
      ? [
          {
            level: "warning",
            about,
            says: "it doesn't list the token's scopes: compare them with manifest.yml.",
          },
        ]
      : lacking.map((scope) => ({
          level: LESSER_SCOPES.includes(scope) ? ("warning" as const) : ("fault" as const),
          about,
          says: `the token is missing the scope ${scope}: add it under OAuth & Permissions and install the app again.`,
        }));
  return [
    { level: "fine", about, says: `the token is valid, for workspace ${team}.` },
    ...clockFinding(skewMs),
    ...scopeFindings,
    ...optionalFindings(scopes),
    ...[...Map.groupBy(channels, ({ state }) => state)].map(([state, alike]) =>
      channelFinding(
        alike.map(({ id }) => id),
        state,
      ),
    ),
  ];
}

/** What each lets the bot do beyond what it needs; `manifest.yml` has them as comments. */
const OPTIONAL_SCOPES: readonly (readonly [readonly string[], string])[] = [
  [
    ["channels:history", "groups:history", "im:history"],
    "after a lost answer of Slack's a message may appear twice",
  ],
  [
    ["im:history"],
    "nobody who writes to the bot gets an answer (it needs the event message.im, too)",
  ],
  [
    ["users:read.email"],
    "Azure's log doesn't name people by their addresses, and nobody can review an adopted opening unless people.map has their address",
  ],
  [["files:write"], "nobody gets a file for Remote Desktop"],
];

function optionalFindings(scopes: readonly string[] | undefined): readonly Finding[] {
  if (scopes === undefined) return [];
  return OPTIONAL_SCOPES.flatMap(([names, lacks]) => {
    const lacking = names.filter((one) => !scopes.includes(one));
    if (lacking.length === 0) return [];
    const says = `without the optional ${lacking.join(", ")}, ${lacks}.`;
    return [{ level: "fine" as const, about: "Slack", says }];
  });
}

export function directFindings(refused: string | undefined): readonly Finding[] {
  if (refused !== MESSAGES_TAB_OFF) return [];
  const says = `it refuses the bot's direct messages (${refused}). ${MESSAGES_TAB_FIX}`;
  return [{ level: "fault", about: "Slack", says }];
}

/** As many as are read; of more, their number says enough. */
const CHANNELS_NAMED_MAX = 8;

/** Of channels that are alike: each line is one thing to do. */
function channelFinding(
  ids: readonly ChannelId[],
  state: SlackFacts["channels"][number]["state"],
): Finding {
  const about = "Slack";
  const more = ids.length - CHANNELS_NAMED_MAX;
  const named = ids.slice(0, CHANNELS_NAMED_MAX).join(", ") + (more > 0 ? ` and ${more} more` : "");
  const [are, there] = ids.length === 1 ? ["is", "there"] : ["are", "in each"];
  switch (state) {
    case "in":
      return { level: "fine", about, channels: ids, says: `the bot is in ${named}.` };
    case "shared":
      return {
        level: "fault",
        about,
        channels: ids,
        says: `another organisation can read ${named}, so no card or notice is posted there: name another channel in the policy file.`,
      };
    case "not-in":
      return {
        level: "fault",
        about,
        channels: ids,
        says: `the bot isn't in ${named}: type /invite @jit ${there}.`,
      };
    case "unknown":
      return {
        level: "warning",
        about,
        channels: ids,
        says: `Slack doesn't say whether the bot is in ${named}: check there, and check the scopes.`,
      };
    case "archived":
      return {
        level: "fault",
        about,
        channels: ids,
        says: `${named} ${are} archived: name another channel in the policy file.`,
      };
    case "unseen":
      return {
        level: "fault",
        about,
        says: `${named} can't be found, or ${are} private without the bot in it: type /invite @jit ${there}.`,
      };
  }
}

/** Entries are sealed within seconds of being written. */
export function auditFindings(facts: AuditFacts | undefined): readonly Finding[] {
  if (facts === undefined) return [];
  const about = "Audit";
  const { nowMs, lastSeq, waiting } = facts;
  const forMs = waiting === undefined ? 0 : nowMs - waiting.atMs;
  if (waiting === undefined || forMs <= UNSEALED_MAX_MS) {
    const sealed = (waiting?.seq ?? lastSeq + 1) - 1;
    const says = sealed === 0 ? "no entry is sealed yet." : `sealed up to entry ${sealed}.`;
    return [{ level: "fine", about, says }];
  }
  // An entry that can't be read doesn't say since when.
  const since = waiting.atMs === 0 ? "in time" : `for ${formatDuration(wholeSeconds(forMs))}`;
  const says = `entries from ${waiting.seq} on haven't been sealed ${since}: start the bot, check its log for audit errors, and run jit audit verify.`;
  return [{ level: "fault", about, says }];
}

const wholeSeconds = (ms: number): number => Math.floor(ms / 1_000) * 1_000;

/** Slack's requests are refused as stale or as of the future where Redis's clock is off as far. */
const SLACK_SKEW_MAX_MS = 30_000;

function clockFinding(skewMs: number): readonly Finding[] {
  if (Math.abs(skewMs) <= SLACK_SKEW_MAX_MS) return [];
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  const says = `this machine's clock is ${seconds} s ${skewMs > 0 ? "behind" : "ahead of"} Slack's: set it by NTP.`;
  return [{ level: "fault", about: "Slack", says }];
}

/** Slower than this, a command's three seconds begin to be few. */
const SLOW_MS = 100;

/** Ends are fixed by Redis's clock and kept by Azure's: some seconds do no harm. */
export const SKEW_MAX_MS = 5_000;

/** How it keeps what it is given; settings that lose something are findings of their own. */
function keptFindings({ role, kept }: RedisFacts): readonly Finding[] {
  if (kept === undefined) return [];
  const about = "Redis";
  const { appendOnly, evicts, savedAgoMs, fault } = kept;
  const saved = savedAgoMs === undefined ? "unknown" : `${agoOf(savedAgoMs)} ago`;
  const facts = [
    role === undefined ? [] : `it is a ${role === "master" ? "primary" : "replica"}`,
    evicts === undefined ? [] : `maxmemory-policy ${evicts}`,
    appendOnly === undefined ? [] : `appendonly ${appendOnly ? "yes" : "no"}`,
    `last snapshot ${saved}`,
  ].flat();
  const fine: Finding = { level: "fine", about, says: `${facts.join(", ")}.` };
  return fault === undefined ? [fine] : [fine, { level: "fault", about, says: fault }];
}

const agoOf = (ms: number): string =>
  ms < MINUTE_MS ? "less than 1m" : formatDuration(Math.floor(ms / MINUTE_MS) * MINUTE_MS);

export function redisFindings(facts: RedisFacts): readonly Finding[] {
  const about = "Redis";
  const { version, latencyMs, refusesWrites, skewMs = 0, findings } = facts;
  const answers = `version ${version} answers in ${Math.round(latencyMs * 10) / 10} ms`;
  const found: Finding[] = [
    latencyMs > SLOW_MS
      ? { level: "warning", about, says: `${answers}: move it closer to the bot.` }
      : { level: "fine", about, says: `${answers}.` },
  ];
  found.push(...keptFindings(facts));
  const refusal = refusesWrites === undefined ? undefined : redisRefusal(refusesWrites);
  if (refusal !== undefined) {
    found.push({
      level: "fault",
      about,
      says: `it ${refusal.is} (${refusesWrites}): ${refusal.fix}.`,
    });
  }
  if (Math.abs(skewMs) > SKEW_MAX_MS) {
    const seconds = Math.round(Math.abs(skewMs) / 1_000);
    const says = `its clock, which decides when access ends, is ${seconds} s ${skewMs > 0 ? "ahead of" : "behind"} this machine's: set both by NTP.`;
    found.push({ level: "warning", about, says });
  }
  return [...found, ...findings.map((says): Finding => ({ level: "warning", about, says }))];
}
