// The JIT policies of Azure: listed by subscription, read one at a time, and asked to open ports.

import type { OpenPorts } from "../../ports/azure.ts";
import { Fault, isFault } from "../../ports/fault.ts";
import type { JitCover, JitPolicy } from "../../request/vm.ts";
import type { Calls } from "./calls.ts";
import type { Clients } from "./clients.ts";
import { readCovers, readPolicyBody } from "./policies.ts";
import { jitPolicyPlace } from "./resource-id.ts";
import type { Troubles } from "./troubles.ts";

export type JitTimeouts = {
  readonly openMs: number;
  readonly readPolicyMs: number;
  readonly pageMs: number;
};

export type Jit = {
  /** What the policies of a subscription allow. */
  list(subscriptionId: string, stop?: AbortSignal): Promise<readonly JitCover[]>;
  read(jitPolicyId: string): Promise<JitPolicy | undefined>;
  open(ask: OpenPorts): Promise<void>;
};

/** A subscription's policies come in far fewer pages: this ends a list that leads in a circle. */
const PAGES_MAX = 1_000;

type World = { clients: Clients; calls: Calls; timeouts: JitTimeouts; troubles: Troubles };

export function createJit({ clients, calls, timeouts, troubles }: World): Jit {
  return {
    async list(subscriptionId, stop) {
      const client = await clients.security(subscriptionId);
      const how = { operation: "jit-list", timeoutMs: timeouts.pageMs, stop };
      return calls.read(how, async (call) => {
        const covers: JitCover[] = [];
        let lost = 0;
        let turned = 0;
        const options = { abortSignal: call.signal };
        for await (const page of client.jitNetworkAccessPolicies.list(options).byPage()) {
          for (const policy of page) covers.push(...readCovers(policy, () => lost++));
          turned += 1;
          if (turned >= PAGES_MAX) break;
        }
        noteLost(troubles, `JIT policies of subscription ${subscriptionId}`, lost);
        return covers;
      });
    },

    async read(jitPolicyId) {
      const { subscriptionId, resourceGroup, location, name } = jitPolicyPlace(jitPolicyId);
      const client = await clients.security(subscriptionId);
      const timeoutMs = timeouts.readPolicyMs;
      const how = { operation: "jit-read", timeoutMs, totalMs: timeoutMs };
      return calls.read(how, async (call) => {
        const options = { abortSignal: call.signal };
        try {
          const body: unknown = await client.jitNetworkAccessPolicies.get(
            resourceGroup,
            location,
            name,
            options,
          );
          let lost = 0;
          const policy = readPolicyBody(body, jitPolicyId, () => lost++);
          noteLost(troubles, `JIT policy ${jitPolicyId}`, lost);
          return policy ?? unreadable(jitPolicyId);
        } catch (thrown) {
          if (call.status === 404 && !isFault(thrown)) return undefined;
          throw thrown;
        }
      });
    },

    async open(ask) {
      const { subscriptionId, resourceGroup, location, name } = jitPolicyPlace(ask.jitPolicyId);
      const client = await clients.security(subscriptionId);
      const body = initiateBody(ask);
      const customHeaders = { "x-ms-client-request-id": ask.clientRequestId };
      const how = { operation: "jit-open", timeoutMs: timeouts.openMs };
      await calls.once(how, async (call) => {
        const options = { abortSignal: call.signal, requestOptions: { customHeaders } };
        const policies = client.jitNetworkAccessPolicies;
        try {
          await policies.initiate(resourceGroup, location, name, body, options);
        } catch (thrown) {
          // The SDK wants 202 and a body that it understands; any success means: accepted.
          const { status = 0 } = call;
          if (status < 200 || status > 299) throw thrown;
        }
      });
    },
  };
}

function initiateBody({ vmId, ports, justification }: OpenPorts) {
  const asked = ports.map(({ number, endsAtMs, source }) => ({
    number,
    endTimeUtc: new Date(endsAtMs),
    allowedSourceAddressPrefix: source,
  }));
  return { virtualMachines: [{ id: vmId, ports: asked }], justification };
}

function noteLost(troubles: Troubles, subject: string, lost: number): void {
  const message = `${lost} parts could not be understood`;
  troubles.note(`parts: ${subject}`, lost > 0 ? { code: String(lost), message } : undefined);
}

function unreadable(jitPolicyId: string): never {
  const message = `Azure answered something that is no JIT policy for ${jitPolicyId}.`;
  throw new Fault({ world: "azure", code: "UnreadableAnswer", message, retryable: true });
}
