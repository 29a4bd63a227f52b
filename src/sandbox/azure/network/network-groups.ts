// The network provider's view of NSGs and their rules, where deleting a rule can shut a door.

import { type ArmCall, type ArmReply, type Azure, param } from "../arm.ts";
import { refusal } from "../refusals.ts";
import { type Nsg, resourceId, type Vm } from "../world/azure-estate.ts";
import { revoke } from "./accepted-requests.ts";
import { defaultRuleBodies, type Rule, ruleBody, rulesOf } from "./network-rules.ts";

const TYPE = "Microsoft.Network/networkSecurityGroups";

/** An NSG's properties, as the network provider and Resource Graph show them. */
export function nsgProperties(azure: Azure, nsg: Nsg): Record<string, unknown> {
  const interfaces = nsg.vms.flatMap((vm) => [
    ...(vm.nicNsg === nsg ? [{ id: vm.nicId }] : []),
    ...vm.moreNics.filter((nic) => nic.nsg === nsg).map(({ id }) => ({ id })),
  ]);
  const subnets = nsg.subnets.map(({ id }) => ({ id }));
  return {
    provisioningState: "Succeeded",
    securityRules: currentRules(azure, nsg).map((rule) => ruleBody(nsg, rule)),
    defaultSecurityRules: defaultRuleBodies(nsg),
    // Azure leaves out what there is none of.
    ...(interfaces.length > 0 && { networkInterfaces: interfaces }),
    ...(subnets.length > 0 && { subnets }),
  };
}

export function listRules(azure: Azure, call: ArmCall): ArmReply {
  const nsg = nsgOf(azure, call);
  const value = currentRules(azure, nsg).map((rule) => ruleBody(nsg, rule));
  return { status: 200, body: { value } };
}

export function getRule(azure: Azure, call: ArmCall): ArmReply {
  const nsg = nsgOf(azure, call);
  const rule = findRule(azure, nsg, call);
  if (rule) return { status: 200, body: ruleBody(nsg, rule) };
  const resource = `${TYPE}/${nsg.name}/securityRules/${param(call, "rule")}`;
  throw refusal("resource-not-found", { resource, group: nsg.resourceGroup });
}

/** 202 with an operation to poll, as Azure's network provider has it; 204 where there is none. */
export function deleteRule(azure: Azure, call: ArmCall): ArmReply {
  const nsg = nsgOf(azure, call);
  const rule = findRule(azure, nsg, call);
  if (!rule) return { status: 204 };
  if (rule.door) {
    rule.door.ruleDeleted = true;
    const reason = azure.switches.deletedRule;
    if (reason !== "unnoticed") revoke(rule.door, azure.nowMs(), reason);
  } else if (nsg.ownRules.some(({ name }) => name === rule.name)) {
    nsg.ownRules = nsg.ownRules.filter(({ name }) => name !== rule.name);
  } else {
    nsg.deletedRules.add(rule.name);
  }
  const provider = `${azure.url}/subscriptions/${nsg.subscriptionId}/providers/Microsoft.Network`;
  const version = `?api-version=${call.query.get("api-version")}`;
  const at = `${provider}/locations/${nsg.location}`;
  return {
    status: 202,
    headers: {
      "azure-asyncoperation": `${at}/operations/${call.correlationId}${version}`,
      location: `${at}/operationResults/${call.correlationId}${version}`,
      "retry-after": "1",
    },
  };
}

/** The end of a deletion: it is done by the time that anybody asks. */
export function getOperation(): ArmReply {
  return { status: 200, body: { status: "Succeeded" } };
}

/** The NSG rules that now concern a VM. */
export function rulesForVm(azure: Azure, vm: Vm, nsgs: Nsg[]): Rule[] {
  return nsgs
    .flatMap((nsg) => currentRules(azure, nsg))
    .filter(({ destination }) => destination === vm.privateIp || destination === "*");
}

function currentRules(azure: Azure, nsg: Nsg): Rule[] {
  const { denyPriority } = azure.switches;
  return rulesOf(azure.world, nsg, { nowMs: azure.nowMs(), denyPriority });
}

function findRule(azure: Azure, nsg: Nsg, call: ArmCall): Rule | undefined {
  const wanted = param(call, "rule").toLowerCase();
  return currentRules(azure, nsg).find(({ name }) => name.toLowerCase() === wanted);
}

function nsgOf(azure: Azure, call: ArmCall): Nsg {
  const name = param(call, "name");
  const at = {
    name,
    subscriptionId: param(call, "subscription"),
    resourceGroup: param(call, "group"),
  };
  const id = resourceId(at, TYPE);
  const nsg = azure.world.nsgs.get(id.toLowerCase());
  if (nsg) return nsg;
  throw refusal("resource-not-found", { resource: `${TYPE}/${name}`, group: at.resourceGroup });
}
