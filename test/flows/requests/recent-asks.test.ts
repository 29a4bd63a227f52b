// What is offered to be requested again: each once, the newest first, and nothing that can't be requested now.
// Of src/flows/requests/asking/recent-asks.ts.

import { describe, expect, it } from "vitest";
import type { AccessRequest } from "../../../src/domain/request/request.ts";
import type { Ask } from "../../../src/domain/rules/ask.ts";
import { requestIdFrom } from "../../../src/domain/text/ids.ts";
import type { Deps } from "../../../src/flows/deps.ts";
import {
  differentOnes,
  RECENT_MAX,
  recentAsks,
} from "../../../src/flows/requests/asking/recent-asks.ts";
import { Fault } from "../../../src/ports/fault.ts";
import {
  anAsk,
  aPolicy,
  aRule,
  aVm,
  ERIN,
  inState,
  LEA,
  ONCALL,
  T0,
} from "../../support/requests.ts";

let made = 0;
function was(name: string, change: Partial<Ask> = {}, state: AccessRequest["state"] = "ended") {
  made += 1;
  const id = requestIdFrom(Uint8Array.from([made & 31, made >> 5, 0, 0, 0, 0]));
  const { id: vmId, key, os } = aVm({ name });
  const ask = anAsk({ vm: { id: vmId, key, name, os }, ...change });
  return { ...inState(state), id, ask } as AccessRequest;
}

const names = (requests: readonly AccessRequest[]) =>
  differentOnes(requests, T0).map(({ asks }) => asks.map(({ vm }) => vm.name).join("+"));

describe("what was requested last", () => {
  it("is each once: the newest of those for the same VM, ports, time and source", () => {
    const [newest, older] = [was("a", { reason: "new" }), was("a", { reason: "old" })];
    const [one] = differentOnes([newest, older], T0);
    expect(names([newest, older])).toEqual(["a"]);
    expect(one?.request).toBe(newest);
    expect(names([newest, was("a", { ports: [22] })])).toEqual(["a", "a"]);
    expect(names([newest, was("a", { durationMs: 1 })])).toEqual(["a", "a"]);
    expect(names([newest, was("a", { sourceName: "elsewhere" })])).toEqual(["a", "a"]);
    expect(names([newest, was("b"), was("a"), was("c")])).toEqual(["a", "b", "c"]);
  });

  it("is nothing that goes on, whichever of those alike that is", () => {
    expect(names([was("a", {}, "open"), was("a"), was("b")])).toEqual(["b"]);
    expect(names([was("a"), was("a", {}, "pending"), was("b")])).toEqual(["b"]);
  });

  it("is no break-glass and no extension", () => {
    const extension = was("b", { extends: was("b").id });
    expect(names([was("a", { breakGlass: true }), extension])).toEqual([]);
  });

  it("is all the VMs that were requested together, or nothing where some can't be read", () => {
    const members = [was("b"), was("c")];
    const lead = was("a");
    const batch = { role: "lead", members: members.map(({ id }) => ({ id })) };
    const followers = members.map((one) => ({ ...one, batch: { role: "member", lead: lead.id } }));
    const all = [...followers, { ...lead, batch }] as unknown as AccessRequest[];
    expect(names(all)).toEqual(["a+b+c"]);
    expect(names(all.slice(1))).toEqual([]);
  });

  it("is one for a command whose VMs fell under several rules", () => {
    const together = { askedWith: "one" };
    const all = [was("c", together), was("x"), was("b", together), was("a", { askedWith: "two" })];
    expect(names(all)).toEqual(["c+b", "x", "a"]);
    const [goesOn, over] = [was("b", together, "open"), was("c", together)];
    expect(names([over, goesOn])).toEqual([]);
  });
});

describe("what is offered", () => {
  const vms = ["a", "b", "c", "d", "e", "f", "gone"].map((name) => was(name));

  function depsOf(change: Partial<Record<"list" | "groupMembers", () => Promise<unknown>>> = {}) {
    const shown = vms
      .filter(({ ask }) => ask.vm.name !== "gone")
      .map(({ ask: { vm } }) => aVm({ name: vm.name, id: vm.id, key: vm.key }));
    const rules = [
      aRule({ name: "b", match: { vms: ["b"] }, requesters: { users: [LEA], groups: [] } }),
      aRule({ name: "rest", match: {}, requesters: { users: [], groups: [ONCALL] } }),
    ];
    return {
      policy: () => aPolicy({ rules }),
      requests: { list: change.list ?? (async () => vms.toReversed()) },
      azure: { snapshot: () => ({ vms: new Map(shown.map((vm) => [vm.key, vm])) }) },
      chat: { groupMembers: change.groupMembers ?? (async () => [ERIN]) },
      onCall: async () => [],
      clock: { nowMs: () => T0, sleep: () => new Promise(() => undefined) },
      log: { info: () => undefined },
    } as unknown as Deps;
  }
  const offered = async (deps: Deps) =>
    (await recentAsks(deps, ERIN)).map(({ request }) => request.ask.vm.name);

  it("is the newest, of VMs that are there and that this person may request now", async () => {
    expect(RECENT_MAX).toBe(5);
    expect(await offered(depsOf())).toEqual(["f", "e", "d", "c", "a"]);
  });

  it("is nothing for somebody whom no rule lets request any more", async () => {
    expect(await offered(depsOf({ groupMembers: async () => [LEA] }))).toEqual([]);
  });

  it.each(["list", "groupMembers"] as const)("is nothing where %s can't be read", async (what) => {
    const away = () =>
      Promise.reject(
        new Fault({ source: "slack", code: "timeout", message: "x", retryable: true }),
      );
    expect(await offered(depsOf({ [what]: away }))).toEqual([]);
  });
});
