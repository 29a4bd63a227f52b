// `/_sandbox` of the simulated Azure, for other processes: look at it, order faults, meddle.

import { z } from "zod";
import { answerFaultControl, type Faults, type Reply } from "../faults.ts";
import type { Azure } from "./arm.ts";
import { closeElsewhere, openElsewhere } from "./elsewhere.ts";
import { isSupported, nsgsOf } from "./guards.ts";
import { isOpen, statusOf } from "./network/accepted-requests.ts";
import { rulesForVm } from "./network/network-groups.ts";
import { policyBody } from "./policies/policies.ts";
import { type Call, jsonReply, type ReceivedRequest } from "./traffic.ts";
import type { Vm } from "./world/azure-estate.ts";
import { turnSwitches } from "./world/switches.ts";

type Watched = { azure: Azure; faults: Faults; calls: readonly Call[] };

const VMS_SHOWN = 500;
const CALLS_SHOWN = 100;

const withheldSchema = z.strictObject({
  withheld: z.array(z.strictObject({ scope: z.string().default("/"), action: z.string() })),
});
const openSchema = z.strictObject({
  vm: z.string(),
  ports: z.array(z.int()),
  source: z.string(),
  minutes: z.number(),
  by: z.string().default("barbara@contoso.com"),
});
const closeSchema = z.strictObject({
  vm: z.string(),
  port: z.int(),
  reason: z.string().default("UserRequested"),
});

/**
 * GET state, calls, switches, faults; PATCH switches, rights; POST faults, open, close; DELETE faults.
 * `undefined`: there is no such path.
 */
export function answerControl(watched: Watched, request: ReceivedRequest): Reply | undefined {
  const { azure, faults, calls } = watched;
  const { method, path, query, body } = request;
  // A page in some browser must not be able to meddle: browsers ask first before they send JSON.
  const type = request.headers["content-type"] ?? "";
  if (body !== "" && !type.startsWith("application/json")) return jsonReply({ status: 415 });
  const limit = (standard: number) => Number(query.get("limit") ?? standard);
  switch (`${method} ${path}`) {
    case "GET /_sandbox/state":
      return jsonReply({ status: 200, body: stateOf(watched, limit(VMS_SHOWN)) });
    case "GET /_sandbox/calls":
      return jsonReply({ status: 200, body: { calls: calls.slice(-limit(CALLS_SHOWN)) } });
    case "GET /_sandbox/switches":
      return jsonReply({ status: 200, body: azure.switches });
    case "PATCH /_sandbox/switches":
      return attempt(() => {
        turnSwitches(azure.switches, JSON.parse(body));
        return azure.switches;
      });
    case "PATCH /_sandbox/rights":
      return attempt(() => {
        Object.assign(azure.world, withheldSchema.parse(JSON.parse(body)));
        return { withheld: azure.world.withheld };
      });
    case "POST /_sandbox/open":
      return attempt(() => openElsewhere(azure, openSchema.parse(JSON.parse(body))));
    case "POST /_sandbox/close":
      return attempt(() => ({
        closed: closeElsewhere(azure, closeSchema.parse(JSON.parse(body))),
      }));
    default:
      return answerFaultControl(faults, { method, path, body });
  }
}

function attempt(work: () => unknown): Reply {
  try {
    return jsonReply({ status: 200, body: work() });
  } catch (fault) {
    const error = fault instanceof Error ? fault.message : String(fault);
    return jsonReply({ status: 400, body: { error } });
  }
}

function stateOf({ azure, calls }: Watched, vmsShown: number) {
  const { world, nowMs, switches, url } = azure;
  return {
    nowMs: nowMs(),
    url,
    switches,
    grants: world.grants,
    withheld: world.withheld,
    subscriptions: [...world.subscriptions.values()],
    vmCount: world.vms.size,
    vms: [...world.vms.values()].slice(0, vmsShown).map((vm) => vmState(azure, vm)),
    policies: [...world.policies.values()].map((policy) => policyBody(azure, policy)),
    calls: calls.slice(-CALLS_SHOWN),
  };
}

function vmState(azure: Azure, vm: Vm) {
  const { world } = azure;
  const nowMs = azure.nowMs();
  const key = vm.id.toLowerCase();
  const configured = (world.policiesOfVm.get(key)?.size ?? 0) > 0;
  const { id, name, resourceGroup, subscriptionId, location, os, power, privateIp, tags } = vm;
  return {
    id,
    name,
    resourceGroup,
    subscriptionId,
    location,
    os,
    power,
    privateIp,
    publicIp: vm.publicIp?.address,
    firewallIp: vm.firewall?.publicIp.address,
    tags,
    jit: configured ? "configured" : isSupported(world, vm) ? "not-configured" : "unsupported",
    doors: (world.doorsOfVm.get(key) ?? []).map(({ door, policy }) => ({
      policy: policy.id,
      port: door.port,
      sources: door.sources,
      ...statusOf(door, nowMs),
      open: isOpen(door, nowMs),
      startMs: door.startMs,
      endMs: door.endMs,
      mappedPort: door.mappedPort,
    })),
    rules: rulesForVm(azure, vm, nsgsOf(world, vm)).map(({ door: _, ...rule }) => rule),
  };
}
