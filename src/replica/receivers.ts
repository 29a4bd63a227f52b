// Opens who gets copies of the audit, each as its kind is reached.

import { hostname } from "node:os";
import type { TokenCredential } from "@azure/identity";
import { monitorReceiver } from "../adapters/azure/monitor-receiver.ts";
import { httpsReceiver } from "../adapters/receivers/https-receiver.ts";
import { syslogReceiver } from "../adapters/receivers/syslog-receiver.ts";
import { systemClock } from "../adapters/system-clock.ts";
import { azureEndpoint } from "../config/clouds.ts";
import type { Cloud } from "../domain/rules/policy.ts";
import type { OpenReceiver } from "../ports/audit-stream.ts";

export type ReceiverSettings = {
  readonly cloud: Cloud;
  readonly credential: TokenCredential;
  /** `undefined` only where no receiver needs it, to which a policy file without it is held. */
  readonly auditStreamKey: string | undefined;
};

export const openReceiver =
  ({ cloud, credential, auditStreamKey = "" }: ReceiverSettings): OpenReceiver =>
  (sink) => {
    switch (sink.kind) {
      case "syslog":
        return syslogReceiver(sink, { hostname: hostname() });
      case "https":
        return httpsReceiver({ url: sink.url, key: auditStreamKey, clock: systemClock });
      case "azure-monitor": {
        const audience = azureEndpoint(cloud).monitor;
        return monitorReceiver({ sink, credential, audience, clock: systemClock });
      }
    }
  };
