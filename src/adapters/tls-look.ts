// What the doctor asks of hosts: whether they can be reached by TLS from here, and how long their certificates hold.

import { isIP } from "node:net";
import { connect } from "node:tls";
import type { HostFacts } from "../ports/checkup.ts";

const WITHIN_MS = 5_000;
const DAY_MS = 86_400_000;
const HTTPS_PORT = 443;

export type Host = Pick<HostFacts, "host" | "use"> & { readonly port?: number };

/** Never rejects: a host that can't be reached is a finding. Nothing is sent. */
export function lookAtHost(
  { host, use, port = HTTPS_PORT }: Host,
  nowMs: number,
): Promise<HostFacts> {
  return new Promise((resolve) => {
    // An address is no server name: https://www.rfc-editor.org/rfc/rfc6066#section-3
    const socket = connect({ host, port, ...(isIP(host) === 0 && { servername: host }) });
    const done = (found: Partial<HostFacts>): void => {
      socket.destroy();
      resolve({ host, use, ...found });
    };
    socket.setTimeout(WITHIN_MS, () => done({ code: "ETIMEDOUT" }));
    socket.once("error", (error: NodeJS.ErrnoException) => done({ code: error.code ?? "unknown" }));
    socket.once("secureConnect", () => {
      const endsAtMs = Date.parse(socket.getPeerCertificate().valid_to);
      done({ daysLeft: Math.floor((endsAtMs - nowMs) / DAY_MS) });
    });
  });
}
