// How to reach those that keep rotas: read-only tokens, and addresses of other regions.

import type { Variables } from "./variables.ts";

export type RotaSettings = {
  /** No slash at the end. `undefined`: its rotas have nobody on call. Tokens are secret. */
  readonly pagerDuty: { readonly url: string; readonly token: string | undefined };
  readonly incidentIo: { readonly url: string; readonly token: string | undefined };
};

/** What comes from there says who may open VMs, and the token goes there. */
const shape = { protocols: ["https:", "http:"], getsSecrets: true };

export function readRotas(from: Variables): RotaSettings {
  return {
    pagerDuty: {
      url:
        from.url("PAGERDUTY_API_URL", { ...shape, example: "https://api.eu.pagerduty.com" }) ??
        "https://api.pagerduty.com",
      token: from.secret("PAGERDUTY_TOKEN"),
    },
    incidentIo: {
      url:
        from.url("INCIDENTIO_API_URL", { ...shape, example: "https://api.incident.io" }) ??
        "https://api.incident.io",
      token: from.secret("INCIDENTIO_TOKEN"),
    },
  };
}
