// Ports as people read them: the number, and what usually listens there.

import { listed, type Words, words } from "./words.ts";

export const PORT_NAMES: Readonly<Record<number, string>> = {
  22: "SSH",
  80: "HTTP",
  443: "HTTPS",
  445: "SMB",
  1433: "SQL Server",
  3306: "MySQL",
  3389: "RDP",
  5432: "PostgreSQL",
  5985: "WinRM",
  5986: "WinRM over HTTPS",
};

/** `22 (SSH)`: the number, and what usually listens there. */
export const portWords = (port: number): Words => {
  const name = PORT_NAMES[port];
  return name === undefined
    ? words`${{ code: String(port) }}`
    : words`${{ code: String(port) }} (${name})`;
};

export const portsWords = (ports: readonly number[]): Words => listed(ports.map(portWords));
