// What a replica is called: in each of its log lines, among those that live, and as the owner of what it leases.

import { randomBytes } from "node:crypto";
import { hostname } from "node:os";

/** As long as names of pods are. */
const HOST_MAX = 63;

/** A new one for each start, also on one host: what a process that is gone leased isn't its successor's. */
export function newReplicaName(host = hostname()): string {
  // `@` ends the name where it stands before a task, and `|` where it is stored.
  const plain = host.replace(/[^\w.-]/g, "-").slice(0, HOST_MAX);
  return `${plain}.${randomBytes(4).toString("hex")}`;
}
