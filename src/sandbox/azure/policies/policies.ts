// The JIT policies of the simulated Azure: list, get, put, delete, initiate.

import {
  type ArmCall,
  type ArmReply,
  type Azure,
  azureTime,
  isRecord,
  page,
  param,
} from "../arm.ts";
import { nsgsOf } from "../guards.ts";
import { forget, forgetEnded } from "../network/accepted-requests.ts";
import { refusal } from "../refusals.ts";
import { requireRight } from "../rights.ts";
import {
  type AcceptedRequest,
  type Policy,
  policyId,
  setPolicyVms,
} from "../world/azure-estate.ts";
import { initiate, requestBody } from "./initiate.ts";
import { readPolicyBody } from "./policy-body.ts";

const JIT_TYPE = "jitNetworkAccessPolicies";
const READ_ACTION = `Microsoft.Security/locations/${JIT_TYPE}/read`;
/** As Resource Manager makes it of the address. Azure has no such operation, so no role can name it. */
const LIST_ACTION = `Microsoft.Security/${JIT_TYPE}/read`;

/** GET …/jitNetworkAccessPolicies of a subscription, a location, a resource group, or both. */
export function listPolicies(azure: Azure, call: ArmCall): ArmReply {
  const { group, location } = call.params;
  const scope = call.path.replace(/\/providers\/Microsoft\.Security\/.*$/i, "");
  const isAtOnce = group === undefined && location === undefined;
  const isMore = isAtOnce && azure.switches.listingAtOnce === "wildcard";
  requireRight(azure, call, isMore ? LIST_ACTION : READ_ACTION, scope);
  const all = [...azure.world.policies.values()]
    .filter((policy) => isSame(policy.subscriptionId, param(call, "subscription")))
    .filter((policy) => group === undefined || isSame(policy.resourceGroup, group))
    .filter((policy) => location === undefined || isSame(policy.location, location))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const { value, ...next } = page(azure, call, { all, size: azure.switches.policyPageSize });
  return { status: 200, body: { value: value.map((one) => policyBody(azure, one)), ...next } };
}

export function getPolicy(azure: Azure, call: ArmCall): ArmReply {
  return { status: 200, body: policyBody(azure, policyOf(azure, call)) };
}

/** Replaces the whole policy, or makes it: there is no ETag, and the last writer wins. */
export function putPolicy(azure: Azure, call: ArmCall): ArmReply {
  const { world } = azure;
  const at = placeOf(call);
  const { kind, vms, requests } = readPolicyBody(at.name, call.body);
  const covered = vms.map(({ id }) => {
    requireRight(azure, call, "Microsoft.Compute/virtualMachines/write", id);
    const vm = world.vms.get(id.toLowerCase());
    if (!vm) throw refusal("vm-gone", { vm: id });
    return vm;
  });
  const id = policyId(at);
  const known = world.policies.get(id.toLowerCase());
  const policy: Policy = known ?? { ...at, id, kind, vms: [], requests: [] };
  policy.kind = kind;
  setPolicyVms(world, policy, vms);
  if (azure.switches.requestsOnPut === "replace") keepOnly(azure, policy, requests);
  world.policies.set(id.toLowerCase(), policy);
  if (azure.switches.rulesOnPut === "restore") {
    for (const nsg of covered.flatMap((vm) => nsgsOf(world, vm))) nsg.deletedRules.clear();
  }
  return { status: 200, body: policyBody(azure, policy) };
}

/** 200, or 204 where there was none; the VMs' ports are then as their other rules have them. */
export function deletePolicy(azure: Azure, call: ArmCall): ArmReply {
  const { world } = azure;
  const key = policyId(placeOf(call)).toLowerCase();
  const policy = world.policies.get(key);
  if (!policy) return { status: 204 };
  setPolicyVms(world, policy, []);
  forget(world, policy, new Set(policy.requests));
  world.policies.delete(key);
  return { status: 200 };
}

export function initiatePolicy(azure: Azure, call: ArmCall): ArmReply {
  const at = placeOf(call);
  const policy = azure.world.policies.get(policyId(at).toLowerCase());
  if (!policy) throw refusal("policy-not-found", { policy: at.name });
  return initiate(azure, call, policy);
}

/** A policy as Azure shows it now. */
export function policyBody(azure: Azure, policy: Policy): Record<string, unknown> {
  forgetEnded(azure, policy);
  const nowMs = azure.nowMs();
  return {
    kind: policy.kind,
    properties: {
      virtualMachines: policy.vms.map((entry) => {
        const firewall = azure.world.vms.get(entry.id.toLowerCase())?.firewall;
        return firewall ? { ...entry, publicIpAddress: firewall.publicIp.address } : entry;
      }),
      requests: policy.requests.map((request) => requestBody(request, nowMs)),
      provisioningState: "Succeeded",
    },
    id: policy.id,
    name: policy.name,
    type: "Microsoft.Security/locations/jitNetworkAccessPolicies",
    location: policy.location,
  };
}

function policyOf(azure: Azure, call: ArmCall): Policy {
  const at = placeOf(call);
  const policy = azure.world.policies.get(policyId(at).toLowerCase());
  if (policy) return policy;
  throw refusal("resource-not-found", {
    resource: `Microsoft.Security/locations/${at.location}/jitNetworkAccessPolicies/${at.name}`,
    group: at.resourceGroup,
  });
}

function placeOf(call: ArmCall): Omit<Policy, "id" | "kind" | "vms" | "requests"> {
  return {
    name: param(call, "policy"),
    subscriptionId: param(call, "subscription"),
    resourceGroup: param(call, "group"),
    location: param(call, "location"),
  };
}

/** Requests that the new body doesn't repeat are gone, and what they opened is shut. */
function keepOnly(azure: Azure, policy: Policy, repeated: unknown[]): void {
  const kept = new Set(
    repeated.filter(isRecord).map((one) => `${one.startTimeUtc} ${one.requestor}`),
  );
  const isKept = (one: AcceptedRequest) => kept.has(`${azureTime(one.startMs)} ${one.requestor}`);
  forget(azure.world, policy, new Set(policy.requests.filter((one) => !isKept(one))));
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
