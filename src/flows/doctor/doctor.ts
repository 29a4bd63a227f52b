// The doctor: looks at every part that the bot needs, and says of each what is so and what to do about it.

import { type Finding, findingWords, type Level, worstFirst } from "../../domain/doctor/finding.ts";
import type { Policy } from "../../domain/rules/policy.ts";
import { isRefusal, type Refusal, refuse } from "../../domain/text/refusal.ts";
import { words } from "../../domain/text/words.ts";
import type { Checkup } from "../../ports/checkup.ts";
import type { Clock } from "../../ports/clock.ts";
import { isFault } from "../../ports/fault.ts";
import type { Answer, Sender } from "../../ports/inbound.ts";
import { within } from "../../ports/within.ts";
import { said } from "../answering/answering.ts";
import { channelsOf } from "../channels/channel-news.ts";
import type { Deps } from "../deps.ts";
import { parkedFor } from "../lists/list-dead-letters.ts";
import { refuseSharedChannel } from "../people/people.ts";
import { adminOrNot } from "../requests/visibility.ts";
import { azureFindings } from "./doctor-azure.ts";
import { copyFindings } from "./doctor-copies.ts";
import {
  auditFindings,
  directFindings,
  policyFindings,
  redisFindings,
  settingsFindings,
  slackFindings,
} from "./doctor-findings.ts";
import { hostFindings } from "./doctor-hosts.ts";
import { botFindings, replicaFindings } from "./doctor-replicas.ts";
import { addressFindings, rotaFindings } from "./doctor-rotas.ts";
import { traceFindings } from "./doctor-traces.ts";
import { workFindings } from "./doctor-work.ts";

type Needs = Pick<
  Deps,
  | "absences"
  | "requests"
  | "deadLetters"
  | "storeClock"
  | "chat"
  | "onCall"
  | "clock"
  | "policy"
  | "limits"
  | "checkup"
>;

/** One side that hangs doesn't keep the others from being told of. */
const EACH_WITHIN_MS = 15_000;

/** Each with a button; more are brought back from a terminal. */
const PARKED_MAX = 10;

const tried = (rotas: Checkup["rotas"] | undefined, policy: Policy | undefined, nowMs: number) =>
  rotas && policy && rotaFindings(rotas, policy, nowMs);

/** `undefined` where a part isn't set up, which the settings' own findings say. */
export async function examine(
  { clock }: { readonly clock: Pick<Clock, "sleep" | "nowMs"> },
  checkup: Partial<Checkup>,
  policy: Policy | undefined,
): Promise<readonly Finding[]> {
  const ask = async <Facts>(
    about: string,
    asking: Promise<Facts> | undefined,
    judge: (facts: Facts) => readonly Finding[],
  ): Promise<readonly Finding[]> => {
    if (asking === undefined) return [];
    try {
      const facts = await within(asking, EACH_WITHIN_MS, clock);
      if (facts === "late")
        return [
          {
            level: "fault",
            about,
            says: "it didn't answer in time: check that it can be reached from here.",
          },
        ];
      return judge(facts);
    } catch (thrown) {
      if (!isFault(thrown)) throw thrown;
      return [{ level: "fault", about, says: `${thrown.message} (${thrown.code})` }];
    }
  };
  const parts = await Promise.all([
    checkup.bot === undefined ? [] : botFindings(checkup.bot),
    ask("Bot", checkup.replicas?.(), replicaFindings),
    ask("Hosts", checkup.hosts?.(), hostFindings),
    ask("Traces", checkup.traces?.(), traceFindings),
    ask("Slack", checkup.slack?.(policy === undefined ? [] : channelsOf(policy)), (facts) => [
      ...slackFindings(facts),
      ...(policy === undefined ? [] : addressFindings(facts, policy)),
    ]),
    ask("On call", tried(checkup.rotas, policy, clock.nowMs()), (findings) => findings),
    ask("Slack", checkup.direct?.(), directFindings),
    ask("Redis", checkup.redis?.(), redisFindings),
    ask("Audit", checkup.audit?.(), auditFindings),
    ask("Audit", checkup.copies?.(), copyFindings),
    ask("Work", checkup.work?.(), workFindings),
    ask("Azure", checkup.azure?.(), (facts) => azureFindings(facts, policy)),
  ]);
  return parts.flat();
}

/** `/jit doctor`, for admins. */
export async function doctorFor(deps: Needs, sender: Sender): Promise<Answer | Refusal> {
  const shared = await refuseSharedChannel(deps.chat, sender.channel);
  if (shared !== undefined) return shared;
  const visibility = await adminOrNot(deps, sender);
  if (isRefusal(visibility)) return visibility;
  if (!visibility.isAdmin) return refuse("not-yours")`Only admins can run /jit doctor.`;
  if (deps.checkup === undefined) return refuse("switched-off")`The doctor isn't available here.`;
  const policy = deps.policy();
  const findings = [
    ...settingsFindings(deps.checkup.settings),
    ...policyFindings(policy, "the one in use"),
    ...(await examine(deps, deps.checkup, policy)),
  ];
  const lines = [
    words`${{ strong: summary(findings) }}`,
    // On a phone the first lines are read, and of very many the last ones are left out.
    ...worstFirst(findings).map((one) => findingWords(one)),
  ];
  const parked = await parkedFor(deps, visibility, PARKED_MAX);
  if (parked.count === 0) return said(...lines);
  const { nowMs } = visibility;
  return { answer: "screen", screen: { screen: "doctor", nowMs, lines, parked } };
}

/** What is asked of one side by way of another isn't told a second time where that one is away. */
export async function orUnasked<Facts>(asking: Promise<Facts>): Promise<Facts | undefined> {
  try {
    return await asking;
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    return undefined;
  }
}

export function summary(findings: readonly Finding[]): string {
  const count = (level: Level) => findings.filter((one) => one.level === level).length;
  const faults = count("fault");
  const warnings = count("warning");
  if (faults + warnings === 0) return "Everything is fine.";
  const some = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;
  return `${some(faults, "error")}, ${some(warnings, "warning")}.`;
}
