// What the doctor makes of Azure's facts: what is seen, quotas, clocks, and each subscription's plan and rights.

import {
  isAllowed,
  LISTING_AT_ONCE,
  missing,
  type Right,
  rightsFor,
} from "../../domain/doctor/azure-rights.ts";
import { builtInFor, ROLE_FILE, roleFileFor } from "../../domain/doctor/azure-roles.ts";
import { includesJit } from "../../domain/doctor/defender-plan.ts";
import { PRICES_TODAY, priceOf } from "../../domain/doctor/defender-prices.ts";
import { type Alike, type Finding, together } from "../../domain/doctor/finding.ts";
import type { Policy } from "../../domain/rules/policy.ts";
import {
  type AzureFacts,
  STILL_READING,
  type SubscriptionFacts,
  type Unasked,
} from "../../ports/checkup.ts";
import { SKEW_MAX_MS } from "./doctor-findings.ts";

/** Azure gives 250 and fills up 25 a second; Resource Graph 15 in five seconds. */
const READS_MIN = 20;

type Said = Omit<Finding, "about"> & Alike;

export function azureFindings(facts: AzureFacts, policy: Policy | undefined): readonly Finding[] {
  const rights = rightsFor(policy);
  const each = facts.subscriptions.flatMap((subscription) =>
    [
      ...planFindings(subscription, policy),
      ...rightsFindings(subscription.permissions, rights),
      ...listingFindings(subscription),
    ].map((one) => ({ ...one, subscription })),
  );
  return [
    ...[seenFinding(facts), skewFinding(facts), ...leftFindings(facts)]
      .filter((one) => one !== undefined)
      .map((one) => ({ ...one, about: "Azure" })),
    ...together(each),
  ];
}

function seenFinding({ vms, subscriptions, exposed }: AzureFacts): Said {
  if (typeof vms !== "number" && vms.code === STILL_READING) {
    return { level: "warning", says: `the list of VMs is still being read: ${vms.message}` };
  }
  if (typeof vms !== "number") {
    const says = `the list of VMs couldn't be read (${vms.code}): ${vms.message.slice(0, 300)}`;
    return { level: "fault", says };
  }
  if (subscriptions.length === 0) {
    const says = `the identity sees no subscription: make the role of ${ROLE_FILE} and assign it to the identity.`;
    return { level: "fault", says };
  }
  const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;
  const seen = `${counted(vms, "VM")} in ${counted(subscriptions.length, "subscription")}`;
  // The doctor judges the bot, and not the VMs: it says where to look.
  const open = exposed > 0 ? `, ${exposed} exposed despite JIT (/jit vms exposed)` : "";
  return { level: "fine", says: `${seen}${open}.` };
}

function skewFinding({ skewMs }: AzureFacts): Said | undefined {
  if (skewMs === undefined || Math.abs(skewMs) <= SKEW_MAX_MS) return undefined;
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  const says = `this machine's clock is ${seconds} s ${skewMs > 0 ? "behind" : "ahead of"} Azure's: set it by NTP.`;
  return { level: "warning", says };
}

function leftFindings({ left }: AzureFacts): readonly Said[] {
  const found: Said[] = [];
  if (left.reads !== undefined) {
    const level = left.reads < READS_MIN ? "warning" : "fine";
    found.push({ level, says: `${left.reads} reads left before Resource Manager throttles.` });
  }
  if (left.queries !== undefined) {
    const says = `${left.queries} queries left in Resource Graph's five seconds.`;
    found.push({ level: "fine", says });
  }
  return found;
}

function planFindings(
  { plan, permissions }: SubscriptionFacts,
  policy: Policy | undefined,
): readonly Said[] {
  if ("code" in plan) {
    // What is missing is said among the rights, with the fix.
    const isSaid = !("code" in permissions) && !isAllowed(permissions, PLAN_RIGHT);
    return isSaid ? [] : [unasked("its Defender plan", plan)];
  }
  const { tier, subPlan } = plan;
  if (includesJit(plan)) {
    return [{ level: "fine", says: "Defender for Servers Plan 2 is on." }];
  }
  const has = /^standard$/i.test(tier) ? `Plan ${subPlan.replace(/^P/i, "")}` : "no paid plan";
  const says = `Defender for Servers has ${has}, and JIT needs Plan 2${cost(policy)}: switch it on in Defender for Cloud, unless single VMs have it.`;
  return [{ level: "warning", says }];
}

const PLAN_RIGHT = "Microsoft.Security/pricings/read";

/** With its day and its source, for nobody keeps it up to date; other clouds have lists of their own. */
function cost(policy: Policy | undefined): string {
  const price = priceOf("P2");
  if (price === undefined || (policy && policy.azure.cloud !== "public")) return "";
  const { dollars, onDay, source } = price;
  return ` ($${dollars.toFixed(2)} a server and month on ${onDay}, by ${source}; today's: ${PRICES_TODAY})`;
}

function rightsFindings(
  permissions: SubscriptionFacts["permissions"],
  rights: readonly Right[],
): readonly Said[] {
  if ("code" in permissions) {
    if (permissions.code !== "AuthorizationFailed") {
      return [unasked("the identity's permissions", permissions)];
    }
    const says = `the identity can't read its own permissions, so I can't tell which are missing: it needs ${OWN_RIGHTS}: ${fixFor(OWN_RIGHTS)}`;
    return [{ level: "warning", says }];
  }
  const lacking = missing(permissions, rights);
  if (lacking.length === 0)
    return [{ level: "fine", says: "all required permissions are granted." }];
  return lacking.map(({ action, for: why, needed }) => ({
    level: needed ? "fault" : "warning",
    says: `the identity is missing ${action} (${why}): ${fixFor(action)}`,
  }));
}

function listingFindings({ listsAtOnce, permissions }: SubscriptionFacts): readonly Said[] {
  // What can't be asked, or isn't to be had without a right that is missing, is said by other findings.
  const isSaid = !("code" in permissions) && !isAllowed(permissions, READING_POLICIES);
  if (listsAtOnce !== false || isSaid) return [];
  const says = `its JIT policies can't be listed all at once, so the bot lists them region by region, and misses those in regions where it sees no VM: add ${LISTING_AT_ONCE} to the bot's role; Azure's role Security Reader includes it, too.`;
  return [{ level: "warning", says }];
}

const READING_POLICIES = "Microsoft.Security/locations/jitNetworkAccessPolicies/read";

const OWN_RIGHTS = "Microsoft.Authorization/permissions/read";

function fixFor(action: string): string {
  const file = roleFileFor(action);
  const builtIn = builtInFor(action);
  const add = `add it to the bot's role${file === undefined ? "" : ` (${file})`}`;
  return `${add}${builtIn === undefined ? "" : `; Azure's role ${builtIn} includes it, too`}.`;
}

/** What differs in Azure's message doesn't make it another finding. */
const unasked = (what: string, { code, message }: Unasked): Said => ({
  level: "warning",
  says: `${what} couldn't be read (${code}): ${message.slice(0, 200)}`,
  alike: `${what} ${code}`,
});
