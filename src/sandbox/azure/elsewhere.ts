// What other people do in Azure behind the bot's back: open access in the portal, shut a door.

import { randomUUID } from "node:crypto";
import type { ArmCall, ArmReply, Azure } from "./arm.ts";
import { revoke, statusOf } from "./network/accepted-requests.ts";
import { findRoute, perform } from "./routes.ts";
import type { AzureEstate } from "./world/azure-estate.ts";
import { findVm } from "./world/parts.ts";

export type OpenElsewhere = {
  /** Name, `resourceGroup/name` or id. */
  vm: string;
  ports: number[];
  source: string;
  minutes: number;
  /** A user name, as Azure shows it. */
  by: string;
  justification?: string;
} & Chosen;

/** Ids that a caller may choose, such as those that were seen in the Activity Log; made up if left out. */
type Chosen = { clientRequestId?: string; correlationId?: string };

export type CloseElsewhere = { vm: string; port: number; reason?: string };

type ActElsewhere = {
  method: "POST" | "PUT" | "DELETE";
  /** Such as a policy's id, without a query. */
  path: string;
  body?: unknown;
} & Chosen;

export type Elsewhere = {
  open: (act: OpenElsewhere) => ArmReply;
  close: (act: CloseElsewhere) => number;
  act: (by: string, act: ActElsewhere) => ArmReply;
};

export function elsewhere(azure: Azure): Elsewhere {
  return {
    open: (act) => openElsewhere(azure, act),
    close: (act) => closeElsewhere(azure, act),
    act: (by, act) => actAs(azure, by, act),
  };
}

/** Somebody initiates access through the first policy of the VM; answers what Azure answers. */
export function openElsewhere(azure: Azure, act: OpenElsewhere): ArmReply {
  const vm = findVm(azure.world, act.vm);
  const policy = [...(azure.world.policiesOfVm.get(vm.id.toLowerCase()) ?? [])][0];
  if (!policy) throw new Error(`${act.vm} is in no policy`);
  const endTimeUtc = new Date(azure.nowMs() + act.minutes * 60_000).toISOString();
  const { source: allowedSourceAddressPrefix, justification, clientRequestId, correlationId } = act;
  const ports = act.ports.map((number) => ({ number, endTimeUtc, allowedSourceAddressPrefix }));
  return actAs(azure, act.by, {
    method: "POST",
    path: `${policy.id}/initiate`,
    body: { virtualMachines: [{ id: vm.id, ports }], justification },
    ...(clientRequestId !== undefined && { clientRequestId }),
    ...(correlationId !== undefined && { correlationId }),
  });
}

/** Somebody shuts every open door to that port of the VM. Answers how many there were. */
export function closeElsewhere(azure: Azure, act: CloseElsewhere): number {
  const doors = liveDoors(azure.world, azure.nowMs(), act.vm).filter(
    ({ port }) => port === act.port,
  );
  for (const door of doors) revoke(door, azure.nowMs(), act.reason ?? "UserRequested");
  return doors.length;
}

/** Somebody calls Resource Manager: replaces a policy, deletes one, deletes a rule. */
function actAs(
  azure: Azure,
  by: string,
  { clientRequestId, correlationId = randomUUID(), ...act }: ActElsewhere,
): ArmReply {
  const { route, params } = findRoute(act.method, act.path);
  const call: ArmCall = {
    ...act,
    body: act.body,
    params,
    query: new URLSearchParams(),
    headers: clientRequestId === undefined ? {} : { "x-ms-client-request-id": clientRequestId },
    caller: { id: by, name: by, address: "203.0.113.99" },
    correlationId,
  };
  return perform(azure, route, call);
}

function liveDoors(world: AzureEstate, nowMs: number, vm: string) {
  const { id } = findVm(world, vm);
  return (world.doorsOfVm.get(id.toLowerCase()) ?? [])
    .map(({ door }) => door)
    .filter((door) => statusOf(door, nowMs).status !== "Revoked");
}
