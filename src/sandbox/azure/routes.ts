// Every address of the simulated Resource Manager, with its versions and the right it asks for.

import { listEvents, recordOperation } from "./activity-log.ts";
import { type ArmCall, ArmRefusal, type ArmReply, type Azure, refusalReply } from "./arm.ts";
import { deleteRule, getOperation, getRule, listRules } from "./network/network-groups.ts";
import {
  deletePolicy,
  getPolicy,
  initiatePolicy,
  listPolicies,
  putPolicy,
} from "./policies/policies.ts";
import { refusal } from "./refusals.ts";
import {
  getInstanceView,
  getPricing,
  getResource,
  getSubnet,
  getSubscription,
  getVm,
  listGroups,
  listPricings,
  listSubscriptions,
} from "./resources.ts";
import { listPermissions, requireRight } from "./rights.ts";

type Handler = (azure: Azure, call: ArmCall) => ArmReply;

export type Route = {
  method: string;
  pattern: RegExp;
  /** The api-versions that are supported; none listed: every date. */
  versions: readonly string[];
  /** Left out: the handler sees to the rights itself. */
  action?: string;
  /** The resource that the right is asked for, and that the Activity Log names. */
  scope: (path: string) => string;
  handle: Handler;
};

const SUB = "/subscriptions/{subscription}";
const GROUP = `${SUB}/resourceGroups/{group}`;
const SECURITY = "/providers/Microsoft.Security";
const JIT = "jitNetworkAccessPolicies";
const POLICY = `${GROUP}${SECURITY}/locations/{location}/${JIT}/{policy}`;
const VM = `${GROUP}/providers/Microsoft.Compute/virtualMachines/{name}`;
const NSG = `${GROUP}/providers/Microsoft.Network/networkSecurityGroups/{name}`;
const POLICY_ACTION = `Microsoft.Security/locations/${JIT}`;
const NSG_ACTION = "Microsoft.Network/networkSecurityGroups";

const JIT_VERSIONS = ["2020-01-01"];
const PRICING_VERSIONS = ["2022-03-01", "2023-01-01", "2024-01-01"];
const LOG_VERSIONS = ["2015-04-01"];

const itself = (path: string) => path;
const parent = (path: string) => path.slice(0, path.lastIndexOf("/"));
const container = (path: string) => path.replace(/\/providers\/.*$/i, "");

const POLICY_LISTS = [
  `${SUB}${SECURITY}/${JIT}`,
  `${SUB}${SECURITY}/locations/{location}/${JIT}`,
  `${GROUP}${SECURITY}/${JIT}`,
  `${GROUP}${SECURITY}/locations/{location}/${JIT}`,
].map((path) => get(path, { handle: listPolicies, versions: JIT_VERSIONS, scope: container }));

const PERMISSIONS = [SUB, GROUP, VM, POLICY].map((path) =>
  get(`${path}/providers/Microsoft.Authorization/permissions`, {
    handle: listPermissions,
    action: "Microsoft.Authorization/permissions/read",
    scope: (at) => at.replace(/\/providers\/Microsoft\.Authorization\/.*$/i, ""),
  }),
);

const ROUTES: readonly Route[] = [
  get("/subscriptions", { handle: listSubscriptions }),
  get(SUB, { handle: getSubscription, action: "Microsoft.Resources/subscriptions/read" }),
  get(`${SUB}/resourceGroups`, {
    handle: listGroups,
    action: "Microsoft.Resources/subscriptions/resourceGroups/read",
    scope: parent,
  }),
  ...POLICY_LISTS,
  get(POLICY, { handle: getPolicy, action: `${POLICY_ACTION}/read`, versions: JIT_VERSIONS }),
  {
    ...get(POLICY, { handle: putPolicy, action: `${POLICY_ACTION}/write`, versions: JIT_VERSIONS }),
    method: "PUT",
  },
  {
    ...get(POLICY, {
      handle: deletePolicy,
      action: `${POLICY_ACTION}/delete`,
      versions: JIT_VERSIONS,
    }),
    method: "DELETE",
  },
  {
    ...get(`${POLICY}/{action}`, {
      handle: initiatePolicy,
      action: `${POLICY_ACTION}/initiate/action`,
      versions: JIT_VERSIONS,
      scope: parent,
    }),
    method: "POST",
  },
  get(`${SUB}${SECURITY}/pricings`, {
    handle: listPricings,
    action: "Microsoft.Security/pricings/read",
    versions: PRICING_VERSIONS,
    scope: container,
  }),
  get(`${SUB}${SECURITY}/pricings/{name}`, {
    handle: getPricing,
    action: "Microsoft.Security/pricings/read",
    versions: PRICING_VERSIONS,
    scope: container,
  }),
  ...PERMISSIONS,
  get(`${SUB}/providers/Microsoft.Insights/eventtypes/management/values`, {
    handle: listEvents,
    action: "Microsoft.Insights/eventtypes/values/read",
    versions: LOG_VERSIONS,
    scope: container,
  }),
  get(VM, { handle: getVm, action: "Microsoft.Compute/virtualMachines/read" }),
  get(`${VM}/instanceView`, {
    handle: getInstanceView,
    action: "Microsoft.Compute/virtualMachines/instanceView/read",
    scope: parent,
  }),
  get(`${NSG}/securityRules`, {
    handle: listRules,
    action: `${NSG_ACTION}/securityRules/read`,
    scope: parent,
  }),
  get(`${NSG}/securityRules/{rule}`, {
    handle: getRule,
    action: `${NSG_ACTION}/securityRules/read`,
  }),
  {
    ...get(`${NSG}/securityRules/{rule}`, {
      handle: deleteRule,
      action: `${NSG_ACTION}/securityRules/delete`,
    }),
    method: "DELETE",
  },
  get(`${SUB}/providers/Microsoft.Network/locations/{location}/operations/{name}`, {
    handle: getOperation,
  }),
  get(`${SUB}/providers/Microsoft.Network/locations/{location}/operationResults/{name}`, {
    handle: () => ({ status: 204 }),
  }),
  get(`${GROUP}/providers/Microsoft.Network/virtualNetworks/{network}/subnets/{name}`, {
    handle: getSubnet,
    action: "Microsoft.Network/virtualNetworks/subnets/read",
  }),
  // Last, for its pattern takes whatever the network provider has.
  get(`${GROUP}/providers/Microsoft.Network/{type}/{name}`, {
    handle: (azure, call) => {
      requireRight(azure, call, `Microsoft.Network/${call.params.type}/read`, call.path);
      return getResource(azure, call);
    },
  }),
];

/** The route of a call and the segments that it names. Throws 404, and 405 for another method. */
export function findRoute(method: string, path: string) {
  const hits = ROUTES.flatMap((route) => {
    const match = route.pattern.exec(path);
    return match ? [{ route, params: decoded(match.groups ?? {}) }] : [];
  });
  const hit = hits.find(({ route }) => route.method === method);
  if (hit) return hit;
  if (hits.length === 0) {
    const message = `The sandbox has nothing at '${path}'.`;
    throw new ArmRefusal(404, { code: "NotFound", message });
  }
  const message = `The requested resource does not support http method '${method}'.`;
  throw new ArmRefusal(405, { code: "MethodNotAllowed", message });
}

/** Refuses what ARM refuses before it asks a provider: version, subscription. */
export function checkCall(azure: Azure, route: Route, call: Omit<ArmCall, "body">): void {
  const version = call.query.get("api-version");
  const supported = route.versions.join(", ");
  if (!version) throw refusal("api-version-missing");
  if (!/^\d{4}-\d{2}-\d{2}(-preview)?$/.test(version)) {
    throw refusal("api-version-malformed", { version, supported });
  }
  if (supported !== "" && !route.versions.includes(version)) {
    const { location = "global" } = call.params;
    const type = container(call.path) === call.path ? "subscriptions" : (route.action ?? JIT);
    throw refusal("api-version-unsupported", { version, supported, location, type });
  }
  const { subscription } = call.params;
  if (subscription === undefined) return;
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(subscription)) {
    throw refusal("subscription-malformed", { subscription });
  }
  if (!azure.world.subscriptions.has(subscription.toLowerCase())) {
    throw refusal("subscription-not-found", { subscription });
  }
}

/** Lets the call do its work if the caller may; what changes something is in the Activity Log. */
export function perform(azure: Azure, route: Route, call: ArmCall): ArmReply {
  const scope = route.scope(call.path);
  const reply = answering(() => {
    if (route.action) requireRight(azure, call, route.action, scope);
    const { subscription, group } = call.params;
    const groupId = `/subscriptions/${subscription}/resourceGroups/${group}`;
    if (group !== undefined && !azure.world.resourceGroups.has(groupId.toLowerCase())) {
      throw refusal("group-not-found", { group });
    }
    return route.handle(azure, call);
  });
  if (route.method !== "GET" && route.action) {
    recordOperation(azure, call, { action: route.action, scope, reply });
  }
  return reply;
}

/** Turns a thrown refusal into the reply that it is. */
export function answering(work: () => ArmReply): ArmReply {
  try {
    return work();
  } catch (fault) {
    if (fault instanceof ArmRefusal) return refusalReply(fault);
    throw fault;
  }
}

function get(
  path: string,
  route: Partial<Pick<Route, "versions" | "action" | "scope">> & { handle: Handler },
): Route {
  return { method: "GET", pattern: patternOf(path), versions: [], scope: itself, ...route };
}

function patternOf(path: string): RegExp {
  const escaped = path.replaceAll(".", "\\.").replace(/\{(\w+)\}/g, "(?<$1>[^/]+)");
  return new RegExp(`^${escaped}/?$`, "i");
}

function decoded(groups: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(groups).map(([name, text]) => [name, decodeURIComponent(text)]),
  );
}
