// The HTTP server over real sockets: who is answered what, and how it stops.

import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { healthRoutes, metricsRoutes } from "../../../src/adapters/http/health.ts";
import { type HttpLimits, httpServer, type Route } from "../../../src/adapters/http/http-server.ts";
import { eventually } from "../../support/eventually.ts";
import { notingLog } from "../slack/bench.ts";

async function serve(routes: readonly Route[], limits: Partial<HttpLimits> = {}) {
  const log = notingLog();
  const server = httpServer({ log, routes, limits });
  const port = await server.start(0);
  onTestFinished(() => server.close(0));
  return { server, log, port, url: `http://127.0.0.1:${port}` };
}

const route = (handle: Route["handle"], more: Partial<Route> = {}): Route => ({
  method: "GET",
  path: "/thing",
  handle,
  ...more,
});

const echo = route(
  async ({ response, readBody }) => {
    const body = await readBody(1_000);
    if (body !== undefined) response.end(`${body.length}`);
  },
  { method: "POST" },
);

/** Writes bytes as they are, and answers everything that comes back until the other side closes. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.on("data", (chunk) => {
      answer += String(chunk);
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}

const hanging = () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { promise, resolve };
};

describe("health", () => {
  const ready = (found: boolean) => async () => ({ ready: found, parts: { redis: "connected" } });

  it("says that it lives, and what it cannot do yet", async () => {
    const { url } = await serve(healthRoutes(ready(false)));
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const answer = await fetch(`${url}/readyz`);
    expect(answer.status).toBe(503);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(await answer.json()).toEqual({ ready: false, parts: { redis: "connected" } });
  });

  it("says that it is ready", async () => {
    const { url } = await serve(healthRoutes(ready(true)));
    const answer = await fetch(`${url}/readyz?verbose=1`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toContain("application/json");
  });

  it.each([
    ["throws", () => Promise.reject(new Error("no"))],
    [
      "throws at once",
      () => {
        throw new Error("no");
      },
    ],
    ["hangs", () => new Promise<never>(() => {})],
  ])("is not ready where the check %s", async (_, check) => {
    const { url } = await serve(healthRoutes(check, 20));
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
  });

  it("answers HEAD without a body", async () => {
    const { port } = await serve(healthRoutes(ready(true)));
    const answer = await raw(port, "HEAD /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1.1 200 .*content-length: \d\d+\r\n/s);
    expect(answer.endsWith("\r\n\r\n")).toBe(true);
  });

  it("serves metrics apart from everything else", async () => {
    const { url } = await serve(metricsRoutes(async () => "up 1\n"));
    const answer = await fetch(`${url}/metrics`);
    expect(await answer.text()).toBe("up 1\n");
    expect(answer.headers.get("content-type")).toContain("version=0.0.4");
    expect((await fetch(`${url}/healthz`)).status).toBe(404);
  });
});

describe("routing", () => {
  const done = route(({ response, path }) => void response.end(path));

  it("knows paths with and without a query, absolute ones, and those below one", async () => {
    const { url, port } = await serve([done, route(done.handle, { path: "/below/*" })]);
    expect(await (await fetch(`${url}/thing?a=1`)).text()).toBe("/thing");
    expect(await (await fetch(`${url}/below/a/b`)).text()).toBe("/below/a/b");
    const head = "host: x\r\nconnection: close\r\n\r\n";
    expect(await raw(port, `GET http://x/thing HTTP/1.1\r\n${head}`)).toContain("200 OK");
    expect(await raw(port, `GET //thing HTTP/1.1\r\n${head}`)).toContain("404 Not Found");
    expect(await raw(port, `OPTIONS * HTTP/1.1\r\n${head}`)).toContain("400 Bad Request");
  });

  it.each(["/", "/thin", "/thing/", "/THING", "/thing/..", "/%74hing", "/below", "/constructor"])(
    "does not know %s",
    async (path) => {
      const { port } = await serve([done]);
      const request = `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`;
      expect(await raw(port, request)).toContain("404 Not Found");
    },
  );

  it("says which methods there are", async () => {
    const { url } = await serve([done, echo]);
    const answer = await fetch(`${url}/thing`, { method: "DELETE" });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe("GET, HEAD, POST");
  });

  it("refuses two routes for one thing", async () => {
    const { server } = await serve([done]);
    expect(() => server.route(done)).toThrow("Two routes");
  });

  it("shows nothing of what went wrong inside", async () => {
    const broken = route(() => {
      throw new Error("secret detail");
    });
    const { url, log } = await serve([broken]);
    const answer = await fetch(`${url}/thing`);
    expect(answer.status).toBe(500);
    expect(await answer.text()).toBe("Something went wrong\n");
    expect(log.text()).toContain("secret detail");
  });

  it("does not let half an answer look like a whole one", async () => {
    const broken = route(({ response }) => {
      response.write("half");
      throw new Error("no");
    });
    const { url } = await serve([broken]);
    await expect(fetch(`${url}/thing`).then((answer) => answer.text())).rejects.toThrow();
  });
});

describe("limits", () => {
  it("reads bodies up to the limit, to the byte", async () => {
    const { url } = await serve([echo]);
    const send = (body: string) => fetch(`${url}/thing`, { method: "POST", body });
    expect(await (await send("")).text()).toBe("0");
    expect(await (await send("x".repeat(1_000))).text()).toBe("1000");
    expect((await send("x".repeat(1_001))).status).toBe(413);
    expect((await send("x".repeat(5_000_000))).status).toBe(413);
  });

  it("reads no more of a body that does not say how long it is", async () => {
    const { port } = await serve([echo]);
    const chunk = `${(600).toString(16)}\r\n${"x".repeat(600)}\r\n`;
    const head = "POST /thing HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n";
    const answer = await raw(port, `${head}connection: close\r\n\r\n${chunk}${chunk}0\r\n\r\n`);
    expect(answer).toContain("413 Payload Too Large");
  });

  it("lives on when a client leaves in the middle of its body", async () => {
    const began = hanging();
    const over = hanging();
    const patient = route(
      async ({ readBody }) => {
        began.resolve();
        expect(await readBody(1_000)).toBeUndefined();
        over.resolve();
      },
      { method: "POST" },
    );
    const { url, port } = await serve([
      patient,
      ...healthRoutes(async () => ({ ready: true, parts: {} })),
    ]);
    const socket = connect(port, "127.0.0.1");
    socket.write("POST /thing HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\n\r\nhalf");
    await began.promise;
    socket.destroy();
    await over.promise;
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it("gives up on headers that do not come", async () => {
    const { port } = await serve([echo], { headersMs: 50, requestMs: 100 });
    expect(await raw(port, "POST /thing HTTP/1.1\r\nhost: x\r\n")).toContain("408");
  });

  it("gives up on a body that does not come", async () => {
    const { port } = await serve([echo], { headersMs: 50, requestMs: 100 });
    const head = "POST /thing HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\n\r\nhalf";
    expect(await raw(port, head)).toContain("408");
  });

  it("takes no more connections than it can serve, and more as soon as some are gone", async () => {
    const { port, url } = await serve([echo], { connectionsMax: 2 });
    const idle = [connect(port, "127.0.0.1"), connect(port, "127.0.0.1")];
    await Promise.all(idle.map((socket) => once(socket, "connect")));
    await expect(fetch(`${url}/thing`)).rejects.toThrow();
    for (const socket of idle) socket.destroy();
    await eventually(async () => expect((await fetch(`${url}/thing`)).status).toBe(405));
  });

  it("has room for short bodies while long ones take all of theirs, and for long ones later", async () => {
    const patient = route(
      async ({ response, readBody }) => {
        const body = await readBody(100_000);
        if (body !== undefined) response.end(`${body.length}`);
      },
      { method: "POST" },
    );
    const { port, url } = await serve([patient], { bodyBytesMax: 64_000 });
    const send = (bytes: number) =>
      fetch(`${url}/thing`, { method: "POST", body: "x".repeat(bytes) });
    const slow = connect(port, "127.0.0.1");
    slow.write("POST /thing HTTP/1.1\r\nhost: x\r\ncontent-length: 47999\r\n\r\n");
    slow.write("x".repeat(47_998));
    await eventually(async () => {
      const refused = await send(20_000);
      expect(refused.status).toBe(503);
      expect(refused.headers.get("retry-after")).toBe("1");
    });
    expect(await (await send(15_000)).text()).toBe("15000");
    const answered = once(slow, "data");
    slow.write("x");
    expect(String(await answered)).toContain("200 OK");
    expect(await (await send(20_000)).text()).toBe("20000");
    slow.destroy();
    // One that leaves in the middle gives back what it took.
    const gone = connect(port, "127.0.0.1");
    gone.write("POST /thing HTTP/1.1\r\nhost: x\r\ncontent-length: 47999\r\n\r\n");
    gone.write("x".repeat(40_000), () => gone.destroy());
    await eventually(async () => expect((await send(45_000)).status).toBe(200));
  });

  it("answers what is no HTTP", async () => {
    const { port } = await serve([echo]);
    expect(await raw(port, "hello\r\n\r\n")).toContain("400 Bad Request");
    const header = `x: ${"y".repeat(17_000)}`;
    expect(await raw(port, `GET / HTTP/1.1\r\n${header}\r\n\r\n`)).toContain("431");
  });
});

describe("closing", () => {
  it("lets an answer finish, then closes its connection", async () => {
    const began = hanging();
    const go = hanging();
    const slow = route(async ({ response }) => {
      began.resolve();
      await go.promise;
      response.end("whole");
    });
    const { server, url } = await serve([slow]);
    const asked = fetch(`${url}/thing`);
    await began.promise;
    const closed = server.close(5_000);
    await expect(fetch(`${url}/thing`)).rejects.toThrow();
    go.resolve();
    expect(await (await asked).text()).toBe("whole");
    await closed;
  });

  it("closes idle connections at once", async () => {
    const { server, url } = await serve([route(({ response }) => void response.end("x"))]);
    await (await fetch(`${url}/thing`)).text();
    const startedMs = performance.now();
    await server.close(5_000);
    expect(performance.now() - startedMs).toBeLessThan(4_000);
  });

  it("cuts what does not end in time", async () => {
    const began = hanging();
    const { server, url } = await serve([route(() => began.resolve())]);
    const asked = fetch(`${url}/thing`).catch(() => "cut");
    await began.promise;
    await server.close(20);
    expect(await asked).toBe("cut");
  });

  it("can be closed twice, and before it was started", async () => {
    const log = notingLog();
    const server = httpServer({ log });
    await server.close(10);
    await server.start(0);
    await server.close(10);
    await server.close(10);
  });

  it("says that a port is taken", async () => {
    const { port, log } = await serve([]);
    await expect(httpServer({ log }).start(port)).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});
