// The JIT policies of Azure: listed by subscription, read one at a time, and asked to open ports.
//
// They are read as Azure's own JSON: the SDK's model turns what it doesn't expect into something else.

import { sourceParts } from "../../../domain/network/source.ts";
import { type ClaimedOpening, claimedIn } from "../../../domain/request/recovered.ts";
import type { VmKey } from "../../../domain/text/ids.ts";
import type { LivePort } from "../../../domain/vm/exposure/exposure.ts";
import { readJitEntries, readJitPolicy, readJitVmPolicies } from "../../../domain/vm/jit-policy.ts";
import { isJson } from "../../../domain/vm/jit-policy-fields.ts";
import { addLivePorts, type LivePorts } from "../../../domain/vm/live-openings.ts";
import type { JitPolicy, JitVmPolicy } from "../../../domain/vm/vm.ts";
import type { OpenPorts } from "../../../ports/azure.ts";
import { Fault, isFault } from "../../../ports/fault.ts";
import type { Calls } from "../client/calls.ts";
import type { Clients } from "../client/clients.ts";
import type { FaultLog } from "../client/fault-log.ts";
import { saysGone } from "../client/gone.ts";
import { listLinks } from "../client/list-links.ts";
import type { Call } from "../client/pipeline.ts";
import { jitPolicyPlace } from "../client/resource-id.ts";
import { sendRest } from "../client/rest.ts";

export type JitTimeouts = {
  readonly openMs: number;
  readonly readPolicyMs: number;
  readonly pageMs: number;
};

/** A subscription, and the regions in which it is known to have VMs. */
export type ListedSubscription = {
  readonly subscriptionId: string;
  readonly locations: readonly string[];
};

export type Jit = {
  /**
   * What the policies of a subscription allow, and what live requests keep open at `atMs`. Where the
   * identity isn't allowed to list the whole subscription, they are listed region by region.
   */
  list(of: ListedSubscription, how: { atMs: number; stop?: AbortSignal }): Promise<JitList>;
  /** Whether the whole subscription can be listed at once; rejects where Azure says neither. */
  mayListAtOnce(subscriptionId: string, timeoutMs: number): Promise<boolean>;
  read(jitPolicyId: string, vm?: VmKey): Promise<JitPolicy | undefined>;
  open(ask: OpenPorts): Promise<void>;
};

/** As in Azure's published specification, whose only version it is. */
const JIT_API_VERSION = "2020-01-01";

/** A subscription's policies come in far fewer pages: this ends a list that never does. */
const PAGES_MAX = 1_000;

type JitList = {
  readonly vmPolicies: readonly JitVmPolicy[];
  readonly live: LivePorts;
  readonly claimed: readonly ClaimedOpening[];
};

type Needs = {
  clients: Clients;
  calls: Calls;
  /** Of Resource Manager. */
  endpoint: string;
  timeouts: JitTimeouts;
  faultLog: FaultLog;
};

/** The lists of a subscription's JIT policies, page by page. */
function jitLists({
  clients,
  calls,
  root,
  timeouts,
}: Pick<Needs, "clients" | "calls" | "timeouts"> & { root: string }) {
  const listUrl = (subscriptionId: string, location = "") => {
    const place = location === "" ? "" : `/locations/${encodeURIComponent(location)}`;
    return `${root}/subscriptions/${encodeURIComponent(subscriptionId)}/providers/Microsoft.Security${place}/jitNetworkAccessPolicies?api-version=${JIT_API_VERSION}`;
  };

  type List = { url: string; subscriptionId: string; stop: AbortSignal | undefined };
  async function pages({ url, subscriptionId, stop }: List): Promise<readonly unknown[]> {
    const client = await clients.security(subscriptionId);
    const how = { operation: "jit-list", timeoutMs: timeouts.pageMs, stop };
    return calls.read(how, async ({ signal }) => {
      const found: unknown[] = [];
      const follow = listLinks();
      let next = follow(url);
      for (let turned = 0; next !== undefined && turned < PAGES_MAX; turned++) {
        const page = await sendRest(client, { method: "GET", url: next, signal });
        if (!isJson(page) || !Array.isArray(page.value)) return noList(subscriptionId);
        found.push(...page.value);
        next = follow(page.nextLink);
      }
      return found;
    });
  }

  async function listed(of: ListedSubscription, stop?: AbortSignal): Promise<readonly unknown[]> {
    const { subscriptionId, locations } = of;
    try {
      return await pages({ url: listUrl(subscriptionId), subscriptionId, stop });
    } catch (thrown) {
      if (!isFault(thrown) || !isForbidden(thrown) || locations.length === 0) throw thrown;
      const found: unknown[] = [];
      for (const location of locations) {
        found.push(
          ...(await pages({ url: listUrl(subscriptionId, location), subscriptionId, stop })),
        );
      }
      return found;
    }
  }

  return { listUrl, listed };
}

export function createJit(deps: Needs): Jit {
  const { clients, calls, endpoint, timeouts, faultLog } = deps;
  const root = endpoint.replace(/\/$/, "");
  const { listUrl, listed } = jitLists({ clients, calls, root, timeouts });

  return {
    async list(of, { atMs, stop }) {
      const policies = await listed(of, stop);
      const unreadable: string[] = [];
      const vmPolicies = policies.flatMap((one) =>
        readJitVmPolicies(one, (what) => unreadable.push(what)),
      );
      noteUnreadable(faultLog, `JIT policies of subscription ${of.subscriptionId}`, unreadable);
      const live = new Map<VmKey, LivePort[]>();
      const claimed: ClaimedOpening[] = [];
      for (const policy of policies) {
        const entries = readJitEntries(policy);
        addLivePorts(live, entries, atMs);
        claimed.push(...claimedIn(idOf(policy), entries, atMs));
      }
      return { vmPolicies, live, claimed };
    },

    async mayListAtOnce(subscriptionId, timeoutMs) {
      const client = await clients.security(subscriptionId);
      const how = { operation: "jit-list", timeoutMs, totalMs: timeoutMs };
      const url = listUrl(subscriptionId);
      try {
        await calls.read(how, ({ signal }) => sendRest(client, { method: "GET", url, signal }));
        return true;
      } catch (thrown) {
        if (isFault(thrown) && isForbidden(thrown)) return false;
        throw thrown;
      }
    },

    read: policyReader({ ...deps, root }),
    open: portOpener({ ...deps, root }),
  };
}

/** A JIT policy by its id; `undefined` when there is none. */
const policyReader =
  ({ clients, calls, root, timeouts, faultLog }: Needs & { root: string }): Jit["read"] =>
  async (jitPolicyId, vm) => {
    const { subscriptionId } = jitPolicyPlace(jitPolicyId);
    const client = await clients.security(subscriptionId);
    const url = `${root}${encodeURI(jitPolicyId)}?api-version=${JIT_API_VERSION}`;
    const timeoutMs = timeouts.readPolicyMs;
    const how = { operation: "jit-read", timeoutMs, totalMs: timeoutMs };
    return calls.read(how, async (call) => {
      const { signal } = call;
      const body = await orGone(call, sendRest(client, { method: "GET", url, signal }));
      if (body === GONE) return undefined;
      const unreadable: string[] = [];
      const policy = readJitPolicy(body, { askedId: jitPolicyId, vm }, (what) =>
        unreadable.push(what),
      );
      // A part says nothing of the others: that they can be read again, say.
      if (vm === undefined) noteUnreadable(faultLog, `JIT policy ${jitPolicyId}`, unreadable);
      return policy ?? noPolicy(jitPolicyId);
    });
  };

/** Asks Defender for Cloud to open ports; it is asked once, whatever the answer. */
const portOpener =
  ({ clients, calls, root, timeouts }: Needs & { root: string }): Jit["open"] =>
  async (ask) => {
    const { subscriptionId } = jitPolicyPlace(ask.jitPolicyId);
    const client = await clients.security(subscriptionId);
    const url = `${root}${encodeURI(ask.jitPolicyId)}/initiate?api-version=${JIT_API_VERSION}`;
    const headers = { "x-ms-client-request-id": ask.clientRequestId };
    const how = { operation: "jit-open", timeoutMs: timeouts.openMs };
    await calls.once(how, async (call) => {
      const { signal } = call;
      try {
        const body = initiateBody(ask);
        await sendRest(client, { method: "POST", url, body, headers, signal });
      } catch (thrown) {
        // Any success means: accepted, whatever its body is.
        const { status = 0 } = call;
        if (status < 200 || status > 299) throw thrown;
      }
    });
  };

const idOf = (policy: unknown): string =>
  isJson(policy) && typeof policy.id === "string" ? policy.id : "";

const GONE = Symbol("gone");

async function orGone(call: Pick<Call, "status">, reading: Promise<unknown>): Promise<unknown> {
  try {
    return await reading;
  } catch (thrown) {
    if (saysGone("policy", call, thrown)) return GONE;
    throw thrown;
  }
}

const isForbidden = ({ code }: Fault): boolean => /^(AuthorizationFailed|Forbidden)$/.test(code);

function initiateBody({ vmId, ports, justification }: OpenPorts) {
  const asked = ports.map(({ number, endsAtMs, source }) => ({
    number,
    endTimeUtc: new Date(endsAtMs).toISOString(),
    // The plural field, which the SDK drops, is sent where there is no other way to say it.
    ...(sourceParts(source).length > 1
      ? { allowedSourceAddressPrefixes: sourceParts(source) }
      : { allowedSourceAddressPrefix: source }),
  }));
  return { virtualMachines: [{ id: vmId, ports: asked }], justification };
}

/** How many are named in the log; of more, their number says enough. */
const NAMED_MAX = 5;

function noteUnreadable(faultLog: FaultLog, subject: string, all: readonly string[]): void {
  const shown = all.slice(0, NAMED_MAX).join("; ");
  const message = `${all.length} parts can't be read, so they allow nothing: ${shown}`;
  faultLog.note(
    `parts: ${subject}`,
    all.length > 0 ? { code: `${all.length}: ${shown}`.slice(0, 200), message } : undefined,
  );
}

function noPolicy(jitPolicyId: string): never {
  const message = `Azure's answer isn't a JIT policy, for ${jitPolicyId}.`;
  throw new Fault({ source: "azure", code: "UnreadableAnswer", message, retryable: true });
}

function noList(subscriptionId: string): never {
  const message = `Azure's answer isn't a list of the JIT policies of ${subscriptionId}.`;
  throw new Fault({ source: "azure", code: "UnreadableAnswer", message, retryable: true });
}
