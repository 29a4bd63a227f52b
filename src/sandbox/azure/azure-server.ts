// Starts the simulated Azure: Resource Manager over https, the identity endpoint over http.

import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFaults, type Faults, type Reply } from "../faults.ts";
import { type Certificate, makeCertificate } from "../tls.ts";
import { answerArm } from "./answer.ts";
import type { Azure } from "./arm.ts";
import { answerControl } from "./azure-control.ts";
import { type Elsewhere, elsewhere } from "./elsewhere.ts";
import { graphMemory } from "./graph/graph.ts";
import { AUDIENCES, answerTokenRequest, type Tokens } from "./managed-identity.ts";
import { type Call, jsonReply, type Receive, type ReceivedRequest, receiver } from "./traffic.ts";
import type { AzureEstate } from "./world/azure-estate.ts";
import { createSwitches, type Switches } from "./world/switches.ts";

export type AzureOptions = {
  world: AzureEstate;
  nowMs: () => number;
  /** What the answers' `date` header says; left out: the same. Of a machine whose own clock doesn't move along. */
  headerMs?: () => number;
  /** Of Resource Manager; 0, and left out, is any free one. */
  port?: number;
  identityPort?: number;
  switches?: Partial<Switches>;
  /** Shared between simulators, so that a process need trust only one. */
  certificate?: Certificate;
  /** The audiences whose tokens are taken, for other clouds than the public one. */
  audiences?: readonly string[];
  tokenLifetimeMs?: number;
  /** How many calls are kept on record; left out: enough for a demonstration. */
  callsMax?: number;
};

export type SimulatedAzure = {
  /** `https://127.0.0.1:<port>`, without a slash at the end. */
  url: string;
  /** For IDENTITY_ENDPOINT and IDENTITY_HEADER. */
  identityEndpoint: string;
  identityHeader: string;
  /** For NODE_EXTRA_CA_CERTS; in this process `trustInProcess(caPem)` does the same. */
  caFile: string;
  caPem: string;
  world: AzureEstate;
  switches: Switches;
  faults: Faults;
  /** Every request to both servers, `/_sandbox` excepted, the oldest first. */
  calls: readonly Call[];
  /** What other people do in Azure, behind the bot's back. */
  elsewhere: Elsewhere;
  /** All tokens given out so far are expired. */
  expireTokens: () => void;
  /** Begins again with another world: switches as at the start, no faults, calls, or limits used. */
  reset: (world: AzureEstate) => void;
  close: () => Promise<void>;
};

/** The path of the identity endpoint. */
const TOKEN_PATH = "/msi/token";
const DAY_MS = 86_400_000;
const CALLS_MAX = 20_000;

/** Both servers listen on 127.0.0.1 only. */
export async function startAzure(options: AzureOptions): Promise<SimulatedAzure> {
  const { world, nowMs } = options;
  const certificate = options.certificate ?? (await makeCertificate());
  const switches = createSwitches(options.switches);
  const faults = createFaults();
  const calls: Call[] = [];
  const azure: Azure = { world, switches, nowMs, url: "" };
  const tokens: Tokens = {
    header: randomUUID(),
    audiences: options.audiences ?? AUDIENCES,
    lifetimeMs: options.tokenLifetimeMs ?? DAY_MS,
    voidUntilMs: 0,
  };
  const state = { buckets: new Map(), graph: graphMemory(), tokens };
  const control: Receive = (request) => answerControl({ azure, faults, calls }, request);
  const callsMax = options.callsMax ?? CALLS_MAX;
  const traffic = { nowMs, headerMs: options.headerMs ?? nowMs, faults, calls, callsMax, control };

  const arm = https.createServer(
    { key: certificate.keyPem, cert: certificate.certPem },
    receiver({ ...traffic, server: "arm", handle: (request) => answerArm(azure, state, request) }),
  );
  const identity = http.createServer(
    receiver({ ...traffic, server: "identity", handle: identityHandler(world, tokens) }),
  );
  azure.url = `https://127.0.0.1:${await listen(arm, options.port)}`;
  const identityPort = await listen(identity, options.identityPort);
  const { caFile, remove } = keepInFile(certificate);
  return {
    url: azure.url,
    identityEndpoint: `http://127.0.0.1:${identityPort}${TOKEN_PATH}`,
    identityHeader: tokens.header,
    caFile,
    caPem: certificate.certPem,
    world,
    switches,
    faults,
    calls,
    elsewhere: elsewhere(azure),
    expireTokens: () => {
      tokens.voidUntilMs = Date.now();
    },
    reset: (next) => {
      // The same objects, for tests hold on to them.
      Object.assign(world, next);
      Object.assign(switches, createSwitches(options.switches));
      faults.clear();
      calls.length = 0;
      Object.assign(state, { buckets: new Map(), graph: graphMemory() });
    },
    close: async () => {
      faults.clear();
      await Promise.all([stop(arm), stop(identity)]);
      remove();
    },
  };
}

function identityHandler(world: AzureEstate, tokens: Tokens): (request: ReceivedRequest) => Reply {
  return ({ path, query, headers }) => {
    if (path !== TOKEN_PATH) return jsonReply({ status: 404, body: { message: "no such path" } });
    const header = headers["x-identity-header"]?.toString();
    return jsonReply(answerTokenRequest(world, tokens, { query, header }));
  };
}

function keepInFile({ certPem }: Certificate): { caFile: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "simulated-azure-"));
  const caFile = join(folder, "ca.pem");
  writeFileSync(caFile, certPem);
  return { caFile, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

async function listen(server: http.Server | https.Server, port = 0): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function stop(server: http.Server | https.Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
