// The outside as one who holds a lease may use it: no call begins before the lease is proven to hold.

import type { Azure } from "../../ports/azure.ts";
import type { Chat } from "../../ports/chat.ts";
import type { Deps } from "../deps.ts";
import type { Lease } from "./lease.ts";

type Needs = Pick<Deps, "azure" | "chat">;

type Call = (...args: never[]) => Promise<unknown>;
type CallsOf<Port> = { [Name in keyof Port]: Port[Name] extends Call ? Name : never }[keyof Port];

/** Every call that goes out; the table is whole, or it doesn't compile. */
const AZURE: Readonly<Record<CallsOf<Azure>, true>> = {
  refresh: true,
  readVm: true,
  readPolicy: true,
  readRawPolicy: true,
  writePolicy: true,
  deletePolicy: true,
  open: true,
  openRules: true,
  deleteRule: true,
  activity: true,
};

const CHAT: Readonly<Record<CallsOf<Chat>, true>> = {
  person: true,
  personByAddress: true,
  groupMembers: true,
  isShared: true,
  reach: true,
  postCard: true,
  editCard: true,
  closeLostCard: true,
  editEndMessage: true,
  findCards: true,
  postHistory: true,
  postLive: true,
  findLive: true,
  editLive: true,
  pingRequester: true,
  warn: true,
  foldWarning: true,
  isIn: true,
  callRequester: true,
  whisper: true,
  publishHome: true,
  tell: true,
  postChange: true,
  editChange: true,
  postEndAll: true,
  editEndAll: true,
  sendFile: true,
  postNotices: true,
};

type Proving = Pick<Lease, "prove">;

/** Every method of these throws `LeaseLost` instead where somebody else may have the lease by now. */
export function fenced<N extends Needs>(deps: N, lease: Proving): N {
  const { chat } = deps;
  return {
    ...deps,
    azure: fencedAzure(deps.azure, lease),
    chat: { ...chat, ...proving(chat, CHAT, lease) },
  };
}

export const fencedAzure = (azure: Azure, lease: Proving): Azure => ({
  ...azure,
  ...proving(azure, AZURE, lease),
});

/** These methods of a port, as `fenced` has them. */
export function proving<Port extends object, Name extends keyof Port>(
  port: Port,
  calls: Readonly<Record<Name, true>>,
  lease: Proving,
): Pick<Port, Name> {
  const proven: Partial<Record<Name, unknown>> = {};
  for (const name of Object.keys(calls) as Name[]) {
    proven[name] = async (...args: unknown[]) => {
      await lease.prove();
      return Reflect.apply(port[name] as () => unknown, port, args);
    };
  }
  return proven as Pick<Port, Name>;
}
