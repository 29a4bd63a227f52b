// A certificate of one's own for the simulators, because the SDKs refuse to send tokens over http.

import { randomUUID } from "node:crypto";
import tls from "node:tls";
import { generate } from "selfsigned";

export type Certificate = { keyPem: string; certPem: string };

const DAY_MS = 86_400_000;

/** Makes a self-signed certificate for localhost, 127.0.0.1 and `hosts`, good for a year of real time. */
export async function makeCertificate(hosts: readonly string[] = []): Promise<Certificate> {
  const nowMs = Date.now();
  // TLS looks authorities up by name: two of one name in a process, and one of them isn't trusted.
  const name = `sandbox ${randomUUID()}`;
  const made = await generate([{ name: "commonName", value: name }], {
    // Elliptic keys take milliseconds to make; RSA keys would show in every test's start.
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: new Date(nowMs - DAY_MS),
    notAfterDate: new Date(nowMs + 365 * DAY_MS),
    extensions: [
      // Clients are given this very certificate as the authority to trust.
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", digitalSignature: true, keyCertSign: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 7, ip: "127.0.0.1" },
          ...hosts.map((value) => ({ type: 2 as const, value })),
        ],
      },
    ],
  });
  return { keyPem: made.private, certPem: made.cert };
}

/** From now on every TLS client of this process trusts the certificate, beside those it knew. */
export function trustInProcess(certPem: string): void {
  const trusted = tls.getCACertificates("default");
  if (!trusted.includes(certPem)) tls.setDefaultCACertificates([...trusted, certPem]);
}
