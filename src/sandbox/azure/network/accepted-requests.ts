// Accepted requests over time: opening, open, superseded, shut, all computed when it is read.

import { randomUUID } from "node:crypto";
import type { Azure } from "../arm.ts";
import { isSupported } from "../guards.ts";
import {
  type AcceptedRequest,
  type AzureEstate,
  type Door,
  hash,
  type Policy,
  type Vm,
} from "../world/azure-estate.ts";

export type DoorStatus = { status: "Initiating" | "Initiated" | "Revoked"; statusReason: string };

/** What is asked for one VM, in the policy's own terms and already found to be allowed. */
export type Opening = { vm: Vm; ports: OpeningPort[] };
export type OpeningPort = { port: number; sources: string[]; plural: boolean; endMs: number };

export function statusOf(door: Door, nowMs: number): DoorStatus {
  if (door.revoked && door.revoked.atMs <= nowMs) {
    return { status: "Revoked", statusReason: door.revoked.reason };
  }
  if (expiresAtMs(door) <= nowMs) return { status: "Revoked", statusReason: "Expired" };
  return {
    status: door.opensMs <= nowMs ? "Initiated" : "Initiating",
    statusReason: "UserRequested",
  };
}

/** What came to be open takes a moment to close. */
const expiresAtMs = ({ endMs, opensMs, lingersMs }: Door): number =>
  opensMs < endMs ? endMs + lingersMs : endMs;

/** Whether traffic gets through: the status may say so although somebody deleted the rule. */
export function isOpen(door: Door, nowMs: number): boolean {
  return !door.ruleDeleted && statusOf(door, nowMs).status === "Initiated";
}

/** Accepts a request: earlier ones for the same doors end as the switch says. */
export function accept(
  azure: Azure,
  policy: Policy,
  asked: { openings: Opening[]; requestor: string; justification: string | undefined },
): AcceptedRequest {
  const nowMs = azure.nowMs();
  const request: AcceptedRequest = {
    requestor: asked.requestor,
    justification: asked.justification,
    startMs: nowMs,
    vms: [],
  };
  for (const { vm, ports } of asked.openings) {
    const doors = ports.map((port) => doorFor(azure, vm, port));
    for (const door of doors) supersede(azure, vm, door);
    const key = vm.id.toLowerCase();
    const known = azure.world.doorsOfVm.get(key) ?? [];
    known.push(...doors.map((door) => ({ door, policy })));
    azure.world.doorsOfVm.set(key, known);
    request.vms.push({ id: vm.id, ports: doors });
  }
  policy.requests.push(request);
  return request;
}

function doorFor(azure: Azure, vm: Vm, asked: OpeningPort): Door {
  const startMs = azure.nowMs();
  return {
    ...asked,
    key: randomUUID().replaceAll("-", "").toUpperCase(),
    startMs,
    opensMs: startMs + openingDelayMs(azure, vm, asked.port),
    lingersMs: azure.switches.closesAfterMs,
    mappedPort: vm.firewall && mappedPort(vm, asked.port),
    revoked: undefined,
    ruleDeleted: false,
  };
}

function openingDelayMs(azure: Azure, vm: Vm, port: number): number {
  if (!isSupported(azure.world, vm)) return Infinity;
  const own = typeof vm.opensAfterMs === "object" ? vm.opensAfterMs[port] : vm.opensAfterMs;
  const delay = own ?? azure.switches.opensAfterMs;
  return delay === "never" ? Infinity : delay;
}

/** The port of a firewall that leads to a port of a VM: the same for as long as both exist. */
function mappedPort(vm: Vm, port: number): number {
  return 50_000 + (Number.parseInt(hash(`${vm.id} ${port}`).slice(0, 6), 16) % 10_000);
}

function supersede(azure: Azure, vm: Vm, later: Door): void {
  if (azure.switches.supersedes === "nothing") return;
  const bySource = azure.switches.supersedes === "vm-port-source";
  const atMs = azure.nowMs();
  for (const { door } of azure.world.doorsOfVm.get(vm.id.toLowerCase()) ?? []) {
    if (door.port !== later.port || statusOf(door, atMs).status === "Revoked") continue;
    if (bySource && door.sources.join() !== later.sources.join()) continue;
    door.revoked = { atMs, reason: "NewerRequestInitiated" };
  }
}

/** Shuts a door before its end, for whatever reason Azure is to give. */
export function revoke(door: Door, atMs: number, reason: string): void {
  door.revoked ??= { atMs, reason };
}

/** Drops requests that ended long ago, so that a long run doesn't grow for ever. */
export function forgetEnded(azure: Azure, policy: Policy): void {
  const since = azure.nowMs() - azure.switches.endedKeptMs;
  const gone = policy.requests.filter((request) =>
    request.vms.every(({ ports }) => ports.every((door) => shutAtMs(door) < since)),
  );
  if (gone.length > 0) forget(azure.world, policy, new Set(gone));
}

/** Takes requests out of a policy, and their doors with them. */
export function forget(
  world: AzureEstate,
  policy: Policy,
  gone: ReadonlySet<AcceptedRequest>,
): void {
  const doors = new Set([...gone].flatMap(({ vms }) => vms.flatMap(({ ports }) => ports)));
  policy.requests = policy.requests.filter((request) => !gone.has(request));
  for (const { id } of [...gone].flatMap(({ vms }) => vms)) {
    const key = id.toLowerCase();
    const kept = (world.doorsOfVm.get(key) ?? []).filter(({ door }) => !doors.has(door));
    if (kept.length > 0) world.doorsOfVm.set(key, kept);
    else world.doorsOfVm.delete(key);
  }
}

function shutAtMs(door: Door): number {
  return Math.min(expiresAtMs(door), door.revoked?.atMs ?? Infinity);
}
