// What the VMs of a batch are called. Pure.

import { nameIn, resourceGroupOf } from "../../rules/ask.ts";
import type { Member } from "../document/batch.ts";
import type { Lead } from "./roles.ts";

/** A VM by its name, as it could be typed: with its resource group where another one of the batch has the same name. */
export function labelOf(lead: Lead, { vm, group }: Pick<Member, "vm" | "group">): string {
  return nameIn(vm, group, [lead.ask.vm.name, ...lead.batch.members.map((member) => member.vm)]);
}

export const ownLabel = (lead: Lead): string =>
  labelOf(lead, { vm: lead.ask.vm.name, group: resourceGroupOf(lead.ask.vm) });
