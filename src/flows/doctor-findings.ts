// What the doctor makes of the facts of each world: what is fine, what is not, and the fix.

import type { AzureFacts, RedisFacts, SlackFacts, Unasked } from "../ports/checkup.ts";
import { type Finding, together } from "../request/doctor/finding.ts";
import { CLOSING_RIGHT, missing, RIGHTS } from "../request/doctor/rights.ts";
import type { ChannelId } from "../request/ids.ts";
import type { Policy } from "../request/policy.ts";

/** What the bot cannot do without; `manifest.yml` asks for them. */
const SCOPES = ["commands", "chat:write", "im:write", "users:read"];
/** Without these something less is known. */
const LESSER_SCOPES = ["usergroups:read", "channels:read", "groups:read"];

export function slackFindings({ team, scopes, channels }: SlackFacts): readonly Finding[] {
  const about = "Slack";
  const lacking = [...SCOPES, ...LESSER_SCOPES].filter((one) => scopes?.includes(one) === false);
  const scopeFindings: readonly Finding[] =
    scopes === undefined
      ? [
          {
            level: "warning",
            about,
            says: "it does not tell the token's scopes: compare them with manifest.yml.",
          },
        ]
      : lacking.map((scope) => ({
          level: LESSER_SCOPES.includes(scope) ? ("warning" as const) : ("fault" as const),
          about,
          says: `the token lacks the scope ${scope}: add it under OAuth & Permissions and install the app again.`,
        }));
  return [
    { level: "fine", about, says: `the token is good, of workspace ${team}.` },
    ...scopeFindings,
    ...channels.map(({ id, state }): Finding => channelFinding(id, state)),
  ];
}

function channelFinding(id: ChannelId, state: SlackFacts["channels"][number]["state"]): Finding {
  const about = "Slack";
  switch (state) {
    case "in":
      return { level: "fine", about, says: `the bot is in ${id}.` };
    case "not-in":
      return { level: "fault", about, says: `the bot is not in ${id}: type /invite @jit there.` };
    case "unknown":
      return {
        level: "warning",
        about,
        says: `Slack does not tell whether the bot is in ${id}: look there, and at the scopes.`,
      };
    case "archived":
      return {
        level: "fault",
        about,
        says: `${id} is archived: name another channel in the policy file.`,
      };
    case "unseen":
      return {
        level: "fault",
        about,
        says: `${id} does not exist, or is private and the bot is not in it: type /invite @jit there.`,
      };
  }
}

/** Slower than this, a command's three seconds begin to be few. */
const SLOW_MS = 100;

export function redisFindings({ version, latencyMs, findings }: RedisFacts): readonly Finding[] {
  const about = "Redis";
  const ms = Math.round(latencyMs * 10) / 10;
  return [
    latencyMs > SLOW_MS
      ? {
          level: "warning",
          about,
          says: `version ${version} answers in ${ms} ms: put it nearer to the bot.`,
        }
      : { level: "fine", about, says: `version ${version} answers in ${ms} ms.` },
    ...findings.map((says): Finding => ({ level: "warning", about, says })),
  ];
}

/** JIT is asked for ends on the minute: some seconds do no harm. */
const SKEW_MAX_MS = 5_000;
/** Azure gives 250 and fills up 25 a second; Resource Graph 15 in five seconds. */
const READS_MIN = 20;

export function azureFindings(facts: AzureFacts, policy: Policy | undefined): readonly Finding[] {
  const about = "Azure";
  const { subscriptions, vms, skewMs, left } = facts;
  const general: Finding[] = [];
  if (typeof vms !== "number") {
    const says = `the list of VMs could not be read (${vms.code}): ${vms.message.slice(0, 300)}`;
    general.push({ level: "fault", about, says });
  } else if (subscriptions.length === 0) {
    const says = "the identity sees no subscription: assign the role of the README to it.";
    general.push({ level: "fault", about, says });
  } else {
    const says = `${vms} VMs in ${subscriptions.length} subscriptions.`;
    general.push({ level: "fine", about, says });
  }
  if (skewMs !== undefined && Math.abs(skewMs) > SKEW_MAX_MS) {
    general.push({
      level: "warning",
      about,
      says: `this machine's clock is ${Math.round(Math.abs(skewMs) / 1_000)} s ${skewMs > 0 ? "behind" : "ahead of"} Azure's: set it by NTP.`,
    });
  }
  if (left.reads !== undefined) {
    general.push({
      level: left.reads < READS_MIN ? "warning" : "fine",
      about,
      says: `${left.reads} reads left before Resource Manager throttles.`,
    });
  }
  if (left.queries !== undefined) {
    general.push({
      level: "fine",
      about,
      says: `${left.queries} queries left in Resource Graph's five seconds.`,
    });
  }
  const rights = policy?.endEarly === "nsg-rule" ? [...RIGHTS, CLOSING_RIGHT] : RIGHTS;
  const each = subscriptions.flatMap(({ id, plan, permissions }) => [
    { subscription: id, ...planFinding(plan) },
    ...rightsFindings(permissions, rights).map((one) => ({ subscription: id, ...one })),
  ]);
  return [...general, ...together(each)];
}

/** The list price that Azure's own pages gave; whoever pays looks up today's. */
const PRICE = "$14.60 a server and month on 2020-10-06";

function planFinding(plan: AzureFacts["subscriptions"][number]["plan"]): Omit<Finding, "about"> {
  if ("code" in plan) return unasked("its Defender plan", plan);
  const { tier, subPlan } = plan;
  if (/^standard$/i.test(tier) && (subPlan === "" || /^P2$/i.test(subPlan))) {
    return { level: "fine", says: "Defender for Servers Plan 2 is on." };
  }
  const has = /^standard$/i.test(tier) ? `Plan ${subPlan.replace(/^P/i, "")}` : "no paid plan";
  return {
    level: "warning",
    says: `Defender for Servers has ${has}, and JIT needs Plan 2, ${PRICE}: switch it on in Defender for Cloud, unless single VMs have it.`,
  };
}

function rightsFindings(
  permissions: AzureFacts["subscriptions"][number]["permissions"],
  rights: typeof RIGHTS,
): readonly Omit<Finding, "about">[] {
  if ("code" in permissions) return [unasked("the identity's rights", permissions)];
  const lacking = missing(permissions, rights);
  if (lacking.length === 0) return [{ level: "fine", says: "the identity has every right." }];
  return lacking.map(({ action, for: why, needed }) => ({
    level: needed ? "fault" : "warning",
    says: `the identity lacks ${action} (${why}): add it to the bot's custom role.`,
  }));
}

/** Azure's message names the subscription, which would tell apart what is the same of many. */
const unasked = (what: string, { code, message }: Unasked): Omit<Finding, "about"> => ({
  level: "warning",
  says: `${what} could not be read (${code}): ${message.replace(GUID, "…").slice(0, 200)}`,
});

const GUID = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi;
