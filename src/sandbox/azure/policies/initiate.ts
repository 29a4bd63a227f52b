// The opening of access: what of a request is refused, and what becomes of one that isn't.

import { type ArmCall, type ArmReply, type Azure, azureTime, isRecord, param } from "../arm.ts";
import { isSupported } from "../guards.ts";
import { accept, type Opening, type OpeningPort, statusOf } from "../network/accepted-requests.ts";
import { entryOf } from "../network/network-rules.ts";
import { compare, kindOf } from "../network/sources.ts";
import { refusal } from "../refusals.ts";
import { requireRight } from "../rights.ts";
import type { AcceptedRequest, Policy, PolicyPort } from "../world/azure-estate.ts";
import { durationMs } from "./iso-duration.ts";

type AskedPort = { number: number; endMs: number; end: string; sources: string[]; plural: boolean };
type Asked = { vms: { id: string; ports: AskedPort[] }[]; justification: string | undefined };

/** POST …/{policy}/initiate: 202 with the request as it stands; a refusal changes nothing. */
export function initiate(azure: Azure, call: ArmCall, policy: Policy): ArmReply {
  const action = param(call, "action");
  if (action.toLowerCase() !== "initiate") throw refusal("action-unknown", { action });
  const asked = readAsked(azure, call);
  if (
    azure.switches.planOff === "refuse" &&
    azure.world.subscriptions.get(policy.subscriptionId.toLowerCase())?.plan !== "P2"
  ) {
    throw refusal("plan-off", { subscription: policy.subscriptionId });
  }
  const openings = asked.vms.map((one) => openingFor(azure, { call, policy, one }));
  const { justification } = asked;
  const request = accept(azure, policy, {
    openings,
    requestor: call.caller.id,
    justification,
  });
  return { status: 202, body: requestBody(request, azure.nowMs()) };
}

/** A request as policies list it and as initiate answers it. */
export function requestBody(request: AcceptedRequest, nowMs: number): Record<string, unknown> {
  return {
    virtualMachines: request.vms.map(({ id, ports }) => ({
      id,
      ports: ports.map((door) => ({
        number: door.port,
        ...(door.plural
          ? { allowedSourceAddressPrefixes: door.sources }
          : { allowedSourceAddressPrefix: door.sources[0] }),
        endTimeUtc: azureTime(door.endMs),
        ...statusOf(door, nowMs),
        ...(door.mappedPort !== undefined && { mappedPort: door.mappedPort }),
      })),
    })),
    startTimeUtc: azureTime(request.startMs),
    requestor: request.requestor,
    ...(request.justification !== undefined && { justification: request.justification }),
  };
}

function openingFor(
  azure: Azure,
  of: { call: ArmCall; policy: Policy; one: Asked["vms"][number] },
): Opening {
  const { call, policy, one } = of;
  const entry = entryOf(policy, one);
  if (!entry) throw refusal("vm-not-in-policy", { policy: policy.id });
  const vm = azure.world.vms.get(one.id.toLowerCase());
  if (!vm) throw refusal("vm-gone", { vm: one.id });
  if (vm.needsWrite) requireRight(azure, call, "Microsoft.Compute/virtualMachines/write", vm.id);
  if (azure.switches.unsupportedVm === "refuse" && !isSupported(azure.world, vm)) {
    throw refusal("vm-unsupported", { vm: one.id });
  }
  const ports = one.ports.map((port) => {
    const rule = entry.ports.find(({ number }) => number === port.number);
    if (!rule) throw refusal("port-not-in-policy", { policy: policy.id });
    return openingPort(azure, { policy, rule, port });
  });
  return { vm, ports };
}

function openingPort(
  azure: Azure,
  of: { policy: Policy; rule: PolicyPort; port: AskedPort },
): OpeningPort {
  const { policy, rule, port } = of;
  for (const source of port.sources) {
    const kind = kindOf(source);
    if (kind === "ipv6") throw refusal("source-ipv6");
    if (kind === "malformed") throw refusal("source-malformed", { source });
    const found = sourcesOf(rule).map((allowed) => compare(source, allowed));
    if (found.includes("same")) continue;
    if (!found.includes("narrower")) throw refusal("source-outside", { policy: policy.id });
    if (azure.switches.narrowerSource === "refuse") {
      throw refusal("source-narrower", { policy: policy.id });
    }
  }
  const windowMs = port.endMs - azure.nowMs();
  if (windowMs <= 0) throw refusal("end-in-the-past", { end: port.end });
  if (windowMs < azure.switches.leastWindowMs) throw refusal("end-too-near", { end: port.end });
  if (windowMs > (durationMs(rule.maxRequestAccessDuration) ?? 0)) {
    throw refusal("too-long", { policy: policy.id });
  }
  const { number, endMs, sources, plural } = port;
  return { port: number, endMs, sources, plural };
}

function sourcesOf(rule: PolicyPort): string[] {
  return rule.allowedSourceAddressPrefixes ?? [rule.allowedSourceAddressPrefix ?? "*"];
}

function readAsked(azure: Azure, call: ArmCall): Asked {
  const { body } = call;
  if (!isRecord(body)) throw refusal("body-incomplete", { fault: "there is no body" });
  const { justification } = body;
  if (justification !== undefined && justification !== null && typeof justification !== "string") {
    throw refusal("body-incomplete", { fault: "justification isn't text" });
  }
  const vms = listIn(body, "virtualMachines").map((vm) => {
    if (typeof vm.id !== "string") throw refusal("body-incomplete", { fault: "a VM has no id" });
    return { id: vm.id, ports: listIn(vm, "ports").map((port) => readPort(azure, call, port)) };
  });
  return { vms, justification: justification ?? undefined };
}

function readPort(azure: Azure, call: ArmCall, port: Record<string, unknown>): AskedPort {
  const { number } = port;
  if (typeof number !== "number" || !Number.isInteger(number)) {
    throw refusal("body-incomplete", { fault: "a port has no number" });
  }
  const endMs = endOf(azure, port);
  // As it was sent, for the refusals that name it.
  const end = typeof port.endTimeUtc === "string" ? port.endTimeUtc : azureTime(endMs);
  return { number, endMs, end, ...readSources(azure, call, port) };
}

/** Exactly one of the two: https://github.com/Azure/azure-rest-api-specs/issues/43491 */
function endOf(azure: Azure, { endTimeUtc: end, duration }: Record<string, unknown>): number {
  const given = [end, duration].filter((field) => field !== undefined && field !== null);
  if (given.length !== 1) {
    const fault = "a port needs exactly one of endTimeUtc and duration";
    throw refusal("body-incomplete", { fault });
  }
  const lasts = typeof duration === "string" ? durationMs(duration) : undefined;
  const endMs = typeof end === "string" ? Date.parse(end) : azure.nowMs() + (lasts ?? Number.NaN);
  if (!Number.isNaN(endMs)) return endMs;
  throw refusal("body-incomplete", { fault: "a port's endTimeUtc or duration is none" });
}

function readSources(azure: Azure, call: ArmCall, port: Record<string, unknown>) {
  const { allowedSourceAddressPrefix: one, allowedSourceAddressPrefixes: all } = port;
  const { severalSources } = azure.switches;
  const several = severalSources === "ignore" || !Array.isArray(all) ? [] : all;
  if (several.length > 0 && (severalSources === "refuse" || typeof one === "string")) {
    const fault = "allowedSourceAddressPrefixes is not expected";
    throw refusal("body-incomplete", { fault });
  }
  if (several.length > 0) return { sources: several.map(String), plural: true };
  if (typeof one === "string") return { sources: [one], plural: false };
  // Azure opens the port for its caller, which is the bot.
  return { sources: [call.caller.address], plural: false };
}

function listIn(record: Record<string, unknown>, key: string): Record<string, unknown>[] {
  const list = record[key];
  if (!Array.isArray(list) || list.length === 0 || !list.every(isRecord)) {
    throw refusal("body-incomplete", { fault: `${key} isn't a list of objects` });
  }
  return list;
}
