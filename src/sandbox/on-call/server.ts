// Starts the simulated PagerDuty, incident.io and calendar, each on a port of its own.

import http from "node:http";
import type { AddressInfo } from "node:net";
import { answerFaultControl, createFaults, type Faults, type Reply } from "../faults.ts";
import { calendar, incidentIo, type Provider, pagerDuty } from "./providers.ts";
import { type RotaWorld, rotaWorld } from "./rota-world.ts";

type SimulatedProvider = {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  url: string;
  faults: Faults;
  /** The path and query of every request, the oldest first. */
  calls: readonly string[];
};

export type SimulatedRotas = {
  /** The shifts of all three: change it at any time. */
  world: RotaWorld;
  /** `tokens`: those that are taken, for keys that are rotated. */
  pagerDuty: SimulatedProvider & { token: string; tokens: Set<string> };
  incidentIo: SimulatedProvider & { token: string };
  calendar: SimulatedProvider;
  close: () => Promise<void>;
};

const PAGERDUTY_TOKEN = "y_NbAkKc66ryYTWUXYEu";
const INCIDENTIO_TOKEN = "inc_000_demo";

/** Calls of one minute, as the documentation of each has them. */
const PAGERDUTY_RATE = 960;
const INCIDENTIO_RATE = 1_200;
const MINUTE_MS = 60_000;

const CALLS_KEPT = 1_000;

/** They listen on 127.0.0.1 only. */
export async function startRotas(world: RotaWorld = rotaWorld()): Promise<SimulatedRotas> {
  const tokens = new Set([PAGERDUTY_TOKEN]);
  const [first, second, third] = await Promise.all([
    serve(world, pagerDuty(tokens), throttled(PAGERDUTY_RATE, "ratelimit-reset")),
    serve(world, incidentIo(INCIDENTIO_TOKEN), throttled(INCIDENTIO_RATE, "retry-after")),
    serve(world, calendar, () => undefined),
  ]);
  return {
    world,
    pagerDuty: { ...first.provider, token: PAGERDUTY_TOKEN, tokens },
    incidentIo: { ...second.provider, token: INCIDENTIO_TOKEN },
    calendar: third.provider,
    close: async () => {
      await Promise.all([first.stop(), second.stop(), third.stop()]);
    },
  };
}

/** Says no to more calls in a minute than are allowed, and when to come again. */
function throttled(most: number, header: string): () => Reply | undefined {
  let sinceMs = 0;
  let count = 0;
  return () => {
    const nowMs = Date.now();
    if (nowMs - sinceMs >= MINUTE_MS) {
      sinceMs = nowMs;
      count = 0;
    }
    count += 1;
    if (count <= most) return undefined;
    const seconds = String(Math.ceil((sinceMs + MINUTE_MS - nowMs) / 1_000));
    return {
      status: 429,
      headers: { "content-type": "application/json", [header]: seconds },
      body: JSON.stringify({ error: { code: 2020, message: "Rate Limit Exceeded" } }),
    };
  };
}

async function serve(world: RotaWorld, provider: Provider, refuse: () => Reply | undefined) {
  const faults = createFaults();
  const calls: string[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => void chunks.push(chunk));
    request.on("end", () => {
      const { method = "GET", url: path = "/", headers } = request;
      const target = { method, path, body: Buffer.concat(chunks).toString() };
      const send = ({ status, headers: own, body }: Reply) =>
        void response.writeHead(status, own).end(body);
      const control = answerFaultControl(faults, target);
      if (control !== undefined) return send(control);
      calls.push(path);
      calls.splice(0, calls.length - CALLS_KEPT);
      const { authorization, accept } = headers;
      const asked = { url: new URL(path, "http://127.0.0.1"), authorization, accept };
      void faults
        .around(target, () => refuse() ?? provider(world, asked))
        .then((fate) => {
          if (fate === "reset") response.destroy();
          else if (fate !== "hang") send(fate);
        });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const stop = () =>
    new Promise<void>((resolve) => {
      faults.clear();
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { provider: { url: `http://127.0.0.1:${port}`, faults, calls }, stop };
}
