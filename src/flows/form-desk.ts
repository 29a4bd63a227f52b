// The request form's conversation: opened at once, filled in as people choose, checked again when it is sent.

import { isFault } from "../ports/fault.ts";
import type { RequestCommand } from "../request/command/asks.ts";
import { askedDuration, askedReason } from "../request/command/fields.ts";
import { vmRefMatches } from "../request/command/vm-ref.ts";
import { formatDuration } from "../request/duration.ts";
import { parsePorts } from "../request/ports-list.ts";
import { isRefusal, type Refusal, refuse } from "../request/refusal.ts";
import type { Members } from "../request/rules.ts";
import { vmCode, vmOfCode } from "../request/vm-search.ts";
import type { Words } from "../request/words.ts";
import type { Deps } from "./deps.ts";
import type { Sender } from "./desk.ts";
import type { Submitted } from "./keep.ts";
import { refuseOutsiders } from "./people.ts";
import {
  askerGroups,
  type FormDraft,
  formNow,
  type RequestForm,
  type VmChoice,
  vmsFound,
} from "./request-form.ts";
import { submit } from "./submit.ts";

const NOBODY: Members = new Map();

/** The form as it can be shown at once, and as it is when Slack has been asked who the person is. */
export function openForm(
  deps: Deps,
  sender: Sender,
  { draft, note }: { draft: FormDraft; note?: Words | undefined },
): { readonly form: RequestForm; readonly later: Promise<RequestForm> } {
  const { vmCode: _, ...rest } = draft;
  return {
    form: formNow(deps, sender, { draft: rest, members: NOBODY, note }),
    later: filledForm(deps, sender, { draft, note }),
  };
}

/** The form for what is filled in so far. Never rejects: what Slack does not tell is said in the form. */
export async function filledForm(
  deps: Deps,
  sender: Sender,
  { draft, note }: { draft: FormDraft; note?: Words | undefined },
): Promise<RequestForm> {
  try {
    const [outsider, members] = await Promise.all([
      refuseOutsiders(deps.chat, sender),
      askerGroups(deps),
    ]);
    return formNow(deps, sender, { draft, members, note: outsider?.say ?? note });
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    deps.log.warn({ code: thrown.code }, "the form is shown without Slack's groups");
    return formNow(deps, sender, { draft, members: NOBODY, note });
  }
}

/** Options must be there within three seconds, and people do not wait for one. */
const SEARCH_PATIENCE_MS = 1_000;

export async function searched(
  deps: Deps,
  sender: Sender,
  text: string,
): Promise<readonly VmChoice[]> {
  const members = await Promise.race([
    askerGroups(deps).catch(() => NOBODY),
    deps.clock.sleep(SEARCH_PATIENCE_MS).then(() => NOBODY),
  ]);
  return vmsFound(deps, sender, { text, members });
}

/** What a command understood so far, for the form to begin with. */
export function draftOf(deps: Deps, command: RequestCommand): FormDraft {
  const { vm: ref, ports, durationMs, source, reason } = command;
  const found =
    ref === undefined
      ? []
      : [...deps.azure.picture().vms.values()].filter((vm) => vmRefMatches(ref, vm));
  const [only] = found;
  return {
    ...(only !== undefined && found.length === 1 && { vmCode: vmCode(only.key) }),
    ...(ports && { ports }),
    ...(durationMs !== undefined && { duration: formatDuration(durationMs) }),
    ...(source !== undefined && { source }),
    ...(reason !== undefined && { reason }),
  };
}

export type SentForm = {
  readonly vmCode: string;
  /** Each as chosen or typed; empty where nothing was. */
  readonly ports: string;
  readonly duration: string;
  readonly source: string;
  readonly reason: string;
};

/** Checks every field as a command's parts are, and asks. */
export async function sendForm(
  deps: Deps,
  sender: Sender,
  sent: SentForm,
): Promise<Submitted | Refusal | "repeated"> {
  const vm = vmOfCode(deps.azure.picture().vms.values(), sent.vmCode);
  if (vm === undefined) return refuse("no-such-vm")`Choose a VM from the list.`;
  const ports = sent.ports.trim() === "" ? undefined : parsePorts(sent.ports);
  if (isRefusal(ports)) return ports;
  const durationMs = sent.duration.trim() === "" ? undefined : askedDuration(sent.duration);
  if (isRefusal(durationMs)) return durationMs;
  const reason = askedReason(sent.reason);
  if (isRefusal(reason)) return reason;
  return submit(deps, sender, {
    verb: "request",
    vm: { typed: vm.name, name: vm.name, id: vm.id },
    ports,
    durationMs,
    source: sent.source.trim() === "" ? undefined : sent.source.trim(),
    reason,
    unclear: undefined,
  });
}
