// The doctor: looks at every part that the bot needs, and says of each what is so and what to do about it.

import type { AzureFacts, Checkup, RedisFacts, SlackFacts, Unasked } from "../ports/checkup.ts";
import type { Clock } from "../ports/clock.ts";
import { isFault } from "../ports/fault.ts";
import { type Finding, findingLine, type Level, together } from "../request/doctor/finding.ts";
import { CLOSING_RIGHT, missing, RIGHTS } from "../request/doctor/rights.ts";
import type { ChannelId } from "../request/ids.ts";
import type { Policy } from "../request/policy.ts";
import { isRefusal, type Refusal, refuse } from "../request/refusal.ts";
import { words } from "../request/words.ts";
import { said } from "./answering.ts";
import type { Deps } from "./deps.ts";
import type { Answer, Sender } from "./desk.ts";
import { sightOf } from "./sight.ts";

/** One world that hangs does not keep the others from being told of. */
const EACH_WITHIN_MS = 15_000;

type World = { readonly clock: Pick<Clock, "sleep"> };

/** `undefined` where a part is not set up, which the settings' own findings say. */
export async function examine(
  { clock }: World,
  checkup: Partial<Checkup>,
  policy: Policy | undefined,
): Promise<readonly Finding[]> {
  const ask = async <Facts>(
    about: string,
    asking: Promise<Facts> | undefined,
    judge: (facts: Facts) => readonly Finding[],
  ): Promise<readonly Finding[]> => {
    if (asking === undefined) return [];
    const done = new AbortController();
    const late = clock.sleep(EACH_WITHIN_MS, done.signal).then(() => "late" as const);
    try {
      const facts = await Promise.race([asking, late]);
      if (facts === "late")
        return [
          {
            level: "fault",
            about,
            says: "it did not answer in time: look whether it can be reached from here.",
          },
        ];
      return judge(facts);
    } catch (thrown) {
      if (!isFault(thrown)) throw thrown;
      return [{ level: "fault", about, says: `${thrown.message} (${thrown.code})` }];
    } finally {
      done.abort();
    }
  };
  const parts = await Promise.all([
    ask("Slack", checkup.slack?.(policy === undefined ? [] : channelsOf(policy)), slackFindings),
    ask("Redis", checkup.redis?.(), redisFindings),
    ask("Azure", checkup.azure?.(), (facts) => azureFindings(facts, policy)),
  ]);
  return parts.flat();
}

/** `/jit doctor`, for admins. */
export async function doctorFor(deps: Deps, sender: Sender): Promise<Answer | Refusal> {
  const sight = await sightOf(deps, sender);
  if (isRefusal(sight)) return sight;
  if (!sight.isAdmin) return refuse("not-yours")`Only admins may ask the doctor.`;
  if (deps.checkup === undefined) return refuse("switched-off")`There is no doctor here.`;
  const policy = deps.policy();
  const file: Finding = {
    level: "fine",
    about: "Policy file",
    says: `${policy.rules.length} rules, ${policy.hash.slice(0, 12)}.`,
  };
  const findings = [file, ...(await examine(deps, deps.checkup, policy))];
  return said(
    words`${{ strong: summary(findings) }}`,
    ...findings.map((one) => words`${findingLine(one)}`),
  );
}

export function summary(findings: readonly Finding[]): string {
  const count = (level: Level) => findings.filter((one) => one.level === level).length;
  const [faults, warnings] = [count("fault"), count("warning")];
  if (faults + warnings === 0) return "All is well.";
  const some = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;
  return `${some(faults, "fault")}, ${some(warnings, "warning")}.`;
}

const channelsOf = (policy: Policy): readonly ChannelId[] => [
  ...new Set([
    policy.channels.notices,
    ...policy.rules.flatMap(({ channel }) => (channel === undefined ? [] : [channel])),
  ]),
];

/** What the bot cannot do without; `manifest.yml` asks for them. */
const SCOPES = ["commands", "chat:write", "im:write", "users:read"];
const GROUP_SCOPE = "usergroups:read";

function slackFindings({ team, scopes, channels }: SlackFacts): readonly Finding[] {
  const about = "Slack";
  const lacking = [...SCOPES, GROUP_SCOPE].filter((one) => scopes?.includes(one) === false);
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
          level: scope === GROUP_SCOPE ? ("warning" as const) : ("fault" as const),
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

function redisFindings({ version, latencyMs, findings }: RedisFacts): readonly Finding[] {
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

function azureFindings(facts: AzureFacts, policy: Policy | undefined): readonly Finding[] {
  const about = "Azure";
  const { subscriptions, vms, skewMs, left } = facts;
  const general: Finding[] = [];
  if (subscriptions.length === 0) {
    general.push({
      level: "fault",
      about,
      says: "the identity sees no subscription: assign the role of the README to it.",
    });
  } else
    general.push({
      level: "fine",
      about,
      says: `${vms} VMs in ${subscriptions.length} subscriptions.`,
    });
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

/** Of Defender's price list for servers as of 2020-10-06: $14.60. Whoever pays looks up today's. */
const PRICE = "about $15 a server and month (list price of 2020-10-06)";

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

const unasked = (what: string, { code, message }: Unasked): Omit<Finding, "about"> => ({
  level: "warning",
  says: `${what} could not be read (${code}): ${message.slice(0, 200)}`,
});
