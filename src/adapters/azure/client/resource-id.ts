// Takes Azure resource ids apart, in whatever case they are written.

import { Fault } from "../../../ports/fault.ts";

export type ResourceIdParts = {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
};

/** What isn't there is empty. */
export function resourceIdParts(id: string): ResourceIdParts {
  const match = /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+))?(?:\/|$)/i.exec(id);
  return {
    subscriptionId: match?.[1] ?? "",
    resourceGroup: match?.[2] ?? "",
    name: id.slice(id.lastIndexOf("/") + 1),
  };
}

export type JitPolicyPlace = ResourceIdParts & { readonly location: string };

// Dots alone would be a step up in the address that is made of it.
const SEGMENT = "((?!\\.{1,2}/)(?!\\.{1,2}$)[^/?#%]+)";
const IN_GROUP = `^/subscriptions/${SEGMENT}/resourceGroups/${SEGMENT}/providers`;
const NETWORK = `${IN_GROUP}/Microsoft\\.Network`;
const RESOURCES = {
  vm: `${IN_GROUP}/Microsoft\\.Compute/virtualMachines/${SEGMENT}`,
  nic: `${NETWORK}/networkInterfaces/${SEGMENT}`,
  subnet: `${NETWORK}/virtualNetworks/${SEGMENT}/subnets/${SEGMENT}`,
  rules: `${NETWORK}/networkSecurityGroups/${SEGMENT}/securityRules`,
  rule: `${NETWORK}/networkSecurityGroups/${SEGMENT}/securityRules/${SEGMENT}`,
} as const;

export type ResourceType = keyof typeof RESOURCES;

/** The path of an address, made of an id that Azure gave. Throws a `Fault` where it is no such id. */
export function resourcePath(id: string, type: ResourceType): string {
  if (new RegExp(`${RESOURCES[type]}$`, "i").test(id)) return encodeURI(id);
  throw new Fault({
    source: "azure",
    code: "InvalidResourceId",
    message: `Azure's answer has an unexpected ID: ${id}`,
    retryable: false,
  });
}

const JIT_POLICY = new RegExp(
  `^/subscriptions/${SEGMENT}/resourceGroups/${SEGMENT}/providers/Microsoft\\.Security` +
    `/locations/${SEGMENT}/jitNetworkAccessPolicies/${SEGMENT}$`,
  "i",
);

/** Where a JIT policy is, by its own id: its name and location can't be guessed from its VMs. */
export function jitPolicyPlace(id: string): JitPolicyPlace {
  const [, subscriptionId, resourceGroup, location, name] = JIT_POLICY.exec(id) ?? [];
  if (!subscriptionId || !resourceGroup || !location || !name) {
    throw new Fault({
      source: "azure",
      code: "InvalidPolicyId",
      message: `This isn't the ID of a JIT policy: ${id}`,
      retryable: false,
    });
  }
  return { subscriptionId, resourceGroup, location, name };
}
