// The body of a policy that is put: what Azure is known, or believed, to refuse in one.

import { isRecord } from "../arm.ts";
import { kindOf } from "../network/sources.ts";
import { refusal } from "../refusals.ts";
import type { PolicyPort, PolicyVm } from "../world/azure-estate.ts";
import { durationMs } from "./iso-duration.ts";

const GROUP_ID = "/subscriptions/[^/]+/resourceGroups/[^/]+";
const VM_ID = new RegExp(
  `^${GROUP_ID}/providers/Microsoft\\.Compute/virtualMachines/([^/]+)$`,
  "i",
);

/** The rules' descriptions hold both names and are cut off at 140 characters. */
const NAMES_MAX = 56;
const PORT_MAX = 65_535;
const DURATION_MIN_MS = 5 * 60_000;
const DURATION_MAX_MS = 24 * 3_600_000;
const PROTOCOLS = ["TCP", "UDP", "*"];

export type PolicyBody = { kind: string | undefined; vms: PolicyVm[]; requests: unknown[] };

/** Reads a policy's body; fields that it doesn't know stay in the VMs and their ports. */
export function readPolicyBody(name: string, body: unknown): PolicyBody {
  const properties = isRecord(body) ? body.properties : undefined;
  if (!isRecord(body) || !isRecord(properties)) {
    throw refusal("policy-incomplete", { fault: "there are no properties" });
  }
  const { virtualMachines, requests } = properties;
  return {
    kind: typeof body.kind === "string" ? body.kind : undefined,
    vms: records(virtualMachines, "virtualMachines").map((vm) => readVm(name, vm)),
    requests: Array.isArray(requests) ? requests : [],
  };
}

function readVm(policyName: string, vm: Record<string, unknown>): PolicyVm {
  const { id } = vm;
  const vmName = typeof id === "string" ? VM_ID.exec(id)?.[1] : undefined;
  if (typeof id !== "string" || vmName === undefined) {
    throw refusal("policy-incomplete", { fault: "a virtual machine has no resource id" });
  }
  if (policyName.length + vmName.length > NAMES_MAX) {
    throw refusal("policy-name-long", { policy: policyName, vm: vmName });
  }
  // Azure fills in the address of the firewall; what a caller sends back isn't kept.
  const { publicIpAddress: _, ...more } = vm;
  return { ...more, id, ports: records(vm.ports, "ports").map(readPort) };
}

function readPort(port: Record<string, unknown>): PolicyPort {
  const { protocol, maxRequestAccessDuration: duration } = port;
  // Policies with a number as text exist. Whether Azure takes one isn't known, nor how it keeps it.
  const isDigits = typeof port.number === "string" && /^\d{1,5}$/.test(port.number);
  const number = isDigits ? Number(port.number) : port.number;
  if (typeof number !== "number" || !Number.isInteger(number) || number < 0 || number > PORT_MAX) {
    throw refusal("policy-port", { port: String(number) });
  }
  if (typeof protocol !== "string" || !PROTOCOLS.includes(protocol.toUpperCase())) {
    throw refusal("policy-protocol", { protocol: String(protocol) });
  }
  const ms = typeof duration === "string" ? durationMs(duration) : undefined;
  if (typeof duration !== "string" || !ms || ms < DURATION_MIN_MS || ms > DURATION_MAX_MS) {
    throw refusal("policy-duration", { duration: String(duration) });
  }
  checkSources(port);
  return { ...port, number, protocol, maxRequestAccessDuration: duration };
}

function checkSources(port: Record<string, unknown>): void {
  const { allowedSourceAddressPrefix: one, allowedSourceAddressPrefixes: several } = port;
  const given = [one, several].filter((field) => field !== undefined && field !== null);
  if (given.length !== 1) throw refusal("policy-sources");
  for (const source of given.flat()) {
    const kind = typeof source === "string" ? kindOf(source) : "malformed";
    if (kind === "ipv6" || kind === "malformed") {
      throw refusal("policy-source", { source: String(source) });
    }
  }
}

function records(list: unknown, name: string): Record<string, unknown>[] {
  if (Array.isArray(list) && list.every(isRecord)) return list;
  throw refusal("policy-incomplete", { fault: `${name} isn't a list of objects` });
}
