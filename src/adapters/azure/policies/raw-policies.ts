// JIT policies as Azure's own JSON: read, written and deleted whole. The SDK's model would drop what it doesn't know.

import type { Azure } from "../../../ports/azure.ts";
import { Fault } from "../../../ports/fault.ts";
import type { Calls } from "../client/calls.ts";
import type { Clients } from "../client/clients.ts";
import { saysGone } from "../client/gone.ts";
import { jitPolicyPlace } from "../client/resource-id.ts";
import { sendRest } from "../client/rest.ts";

export type RawPolicies = Pick<Azure, "readRawPolicy" | "writePolicy" | "deletePolicy">;

export type RawPolicyTimeouts = { readonly readPolicyMs: number; readonly writePolicyMs: number };

/** As in Azure's published specification: examples and SDK speak the same. */
const API_VERSION = "2020-01-01";

export function createRawPolicies(needs: {
  clients: Clients;
  calls: Calls;
  endpoint: string;
  timeouts: RawPolicyTimeouts;
}): RawPolicies {
  const { clients, calls, timeouts } = needs;
  const endpoint = needs.endpoint.replace(/\/$/, "");
  const at = (jitPolicyId: string) => {
    const { subscriptionId } = jitPolicyPlace(jitPolicyId);
    const url = `${endpoint}${encodeURI(jitPolicyId)}?api-version=${API_VERSION}`;
    return { subscriptionId, url };
  };
  const own = (clientRequestId: string) => ({ "x-ms-client-request-id": clientRequestId });
  return {
    async readRawPolicy(jitPolicyId) {
      const { subscriptionId, url } = at(jitPolicyId);
      const client = await clients.security(subscriptionId);
      const timeoutMs = timeouts.readPolicyMs;
      const how = { operation: "jit-read-raw", timeoutMs, totalMs: 2 * timeoutMs };
      return calls.read(how, async (call) => {
        try {
          const { signal } = call;
          const body = await sendRest(client, { method: "GET", url, signal });
          return isRecord(body) ? body : unreadable(jitPolicyId);
        } catch (thrown) {
          if (saysGone("policy", call, thrown)) return undefined;
          throw thrown;
        }
      });
    },
    async writePolicy({ jitPolicyId, clientRequestId, body }) {
      const { subscriptionId, url } = at(jitPolicyId);
      const client = await clients.security(subscriptionId);
      const how = { operation: "jit-write", timeoutMs: timeouts.writePolicyMs };
      await calls.once(how, ({ signal }) =>
        sendRest(client, { method: "PUT", url, body, headers: own(clientRequestId), signal }),
      );
    },
    async deletePolicy({ jitPolicyId, clientRequestId }) {
      const { subscriptionId, url } = at(jitPolicyId);
      const client = await clients.security(subscriptionId);
      const how = { operation: "jit-delete", timeoutMs: timeouts.writePolicyMs };
      await calls.once(how, async (call) => {
        const { signal } = call;
        try {
          await sendRest(client, {
            method: "DELETE",
            url,
            headers: own(clientRequestId),
            signal,
          });
        } catch (thrown) {
          if (!saysGone("policy", call, thrown)) throw thrown;
        }
      });
    },
  };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function unreadable(jitPolicyId: string): never {
  const message = `Azure's answer isn't a JIT policy, for ${jitPolicyId}.`;
  throw new Fault({ source: "azure", code: "UnreadableAnswer", message, retryable: true });
}
