// Azure refused an opening: what would work, by the VM's JIT policy as it is now.

import type { FaultNote } from "../../../domain/request/grant.ts";
import {
  exactSource,
  isOfTheRequest,
  whatWouldWork,
} from "../../../domain/request/refused-by-azure.ts";
import { grantOf, inForce } from "../../../domain/request/request.ts";
import { plain } from "../../../domain/text/words.ts";
import { type Fault, isFault, noteOf } from "../../../ports/fault.ts";
import type { Deps } from "../../deps.ts";
import type { LeasedRequest } from "../leased-request.ts";

type Needs = Pick<Deps, "azure" | "policy">;

/** Azure's words, and with them what would work where that can be told. */
export async function noteWithFix(
  deps: Needs,
  leased: LeasedRequest,
  fault: Fault,
): Promise<FaultNote> {
  const note = noteOf(fault);
  const request = leased.current();
  const grant = grantOf(request);
  const vm = deps.azure.snapshot().vms.get(request.ask.vm.key);
  if (grant === undefined || vm === undefined || !(isOfTheRequest(note) || isVague(note))) {
    return note;
  }
  try {
    const policy = await deps.azure.readPolicy(request.ask.jitPolicyId);
    const vmPolicy = policy?.vmPolicies.find((one) => one.vm === vm.key);
    const leftMs = grant.endsAtMs - leased.nowMs();
    const rule = deps.policy().rules.find(({ name }) => name === request.promised.rule);
    const sent = { ports: request.ask.ports, source: inForce(request).source, leftMs, rule };
    const exact =
      vmPolicy === undefined || !isOfTheRequest(note) ? undefined : exactSource(vm, vmPolicy, sent);
    const fix = whatWouldWork(vm, vmPolicy, sent) ?? exact;
    return fix === undefined ? note : { ...note, fix: plain(fix).slice(0, FIX_CHARACTERS_MAX) };
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    return note;
  }
}

const FIX_CHARACTERS_MAX = 500;

/** A code for anything that is wrong with a request. */
const isVague = ({ code }: FaultNote): boolean => /^(BadRequest|InvalidRequest\w*)$/.test(code);
