// The page's own small server, beside the simulated Slack's: its files, its live state, its switches.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { z } from "zod";
import type { Demo } from "../assembly/demo-parts.ts";
import { azureView } from "./azure-view.ts";
import { bundlePage } from "./bundle.ts";
import { createGuide, type Guide } from "./guide/guide.ts";
import type { GuideDeed, Shown } from "./page-state.ts";
import { type Cast, slackView } from "./slack-view.ts";
import { STEP_IDS } from "./steps.ts";
import { type Switchboard, switchboard } from "./what-if.ts";
import { known, wireDetail, wireLines } from "./wire-lines.ts";

export type Page = {
  /** Answers what isn't Slack's; 503 until `show` was called. */
  listener: RequestListener;
  /** From now on the page shows this demo. */
  show(demo: Demo, cast: Cast): Promise<void>;
  close(): void;
};

/** Changes that come together are told together. */
const GATHER_MS = 40;
/** Azure's state follows from the time, and so has to be looked at. */
const LOOK_EVERY_MS = 500;
const WIRE_SHOWN = 200;
const BODY_MAX_BYTES = 100_000;

type Showing = {
  demo: Demo;
  cast: Cast;
  board: Switchboard;
  guide: Guide;
  files: Map<string, File>;
};
type File = { type: string; body: string };
type Watcher = { as: string; response: ServerResponse; last: string };

export function createPage(): Page {
  let showing: Showing | undefined;
  const watchers = new Set<Watcher>();
  let gathering: NodeJS.Timeout | undefined;

  const tell = (): void => {
    gathering ??= setTimeout(() => {
      gathering = undefined;
      if (!showing) return;
      for (const watcher of watchers) push(showing, watcher);
    }, GATHER_MS);
  };
  const looking = setInterval(() => watchers.size > 0 && tell(), LOOK_EVERY_MS);
  looking.unref();

  const listener: RequestListener = (request, response) => {
    answer({ showing, watchers, tell }, request, response).catch((thrown: unknown) => {
      const error = thrown instanceof Error ? thrown.message : String(thrown);
      if (!response.headersSent) response.writeHead(400, { "content-type": JSON_TYPE });
      response.end(JSON.stringify({ error }));
    });
  };

  return {
    listener,
    async show(demo, cast) {
      const board = switchboard(demo);
      const guide = createGuide(demo, board, tell);
      showing = { demo, cast, board, guide, files: await pageFiles() };
      demo.slack.world.changes.listen(tell);
      demo.onChange(tell);
    },
    close() {
      clearInterval(looking);
      clearTimeout(gathering);
      for (const { response } of watchers) response.end();
    },
  };
}

const JSON_TYPE = "application/json; charset=utf-8";
const HTML_TYPE = "text/html; charset=utf-8";
const PAGES: [path: string, file: string, type: string][] = [
  ["/", "index.html", HTML_TYPE],
  ["/icon.svg", "icon.svg", "image/svg+xml"],
];

/** In this order: later rules win. */
const STYLES = [
  "ground",
  "controls",
  "people",
  "layout",
  "sidebar",
  "messages",
  "blocks",
  "inputs",
  "forms",
  "phone",
  "azure",
  "vms",
  "what-if",
  "guide",
];

async function pageFiles(): Promise<Map<string, File>> {
  const files = new Map<string, File>();
  for (const [path, file, type] of PAGES) {
    const body = await readFile(new URL(`./browser/${file}`, import.meta.url), "utf8");
    files.set(path, { type, body });
  }
  const styles = STYLES.map((name) =>
    readFile(new URL(`./browser/css/${name}.css`, import.meta.url), "utf8"),
  );
  const css = (await Promise.all(styles)).join("\n");
  files.set("/page.css", { type: "text/css; charset=utf-8", body: css });
  const { script, map } = await bundlePage();
  const type = "text/javascript; charset=utf-8";
  files.set("/page.js", { type, body: `${script}\n//# sourceMappingURL=page.js.map\n` });
  files.set("/page.js.map", { type: JSON_TYPE, body: map });
  return files;
}

type Serving = { showing: Showing | undefined; watchers: Set<Watcher>; tell: () => void };

async function answer(
  { showing, watchers, tell }: Serving,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://here");
  // Pages of other origins must not read or act through the visitor's browser.
  const host = request.headers.host?.replace(/:\d+$/, "") ?? "";
  if (!/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(host)) {
    return send(response, 403, { error: "ask by a loopback name" });
  }
  if (!showing) return send(response, 503, { error: "the demo is being started" });
  const file = showing.files.get(pathname);
  if (file && request.method === "GET") return sendFile(response, file);
  if (pathname === "/demo/events") {
    return watch(showing, watchers, { as: searchParams.get("as") ?? "", response });
  }
  if (pathname === "/demo/do" && request.method === "POST") {
    if (!isJson(request)) return send(response, 415, NOT_JSON);
    await showing.board.perform(JSON.parse(await bodyOf(request)));
    tell();
    return send(response, 200, {});
  }
  if (pathname === "/demo/guide" && request.method === "POST") {
    if (!isJson(request)) return send(response, 415, NOT_JSON);
    const { show } = guideDeed.parse(JSON.parse(await bodyOf(request)));
    return send(response, 200, (await guided(showing.guide, show)) ?? {});
  }
  const [, kind, id = ""] = /^\/demo\/(wire|files)\/(\w+)$/.exec(pathname) ?? [];
  if (kind === "wire") {
    const detail = wireDetail(showing.demo, id);
    return send(response, detail ? 200 : 404, detail ?? {});
  }
  const bytes = kind === "files" ? showing.demo.slack.world.files.get(id) : undefined;
  if (!bytes?.bytes) return send(response, 404, { error: "there is nothing here" });
  const name = encodeURIComponent(bytes.filename);
  response.writeHead(200, {
    "content-type": "application/octet-stream",
    "content-disposition": `attachment; filename*=UTF-8''${name}`,
  });
  response.end(bytes.bytes);
}

const NOT_JSON = { error: "send application/json" };
const isJson = ({ headers }: IncomingMessage) =>
  headers["content-type"]?.startsWith("application/json") === true;

const guideDeed = z.strictObject({
  show: z.enum(STEP_IDS).nullable(),
}) satisfies z.ZodType<GuideDeed>;

const guided = (guide: Guide, step: GuideDeed["show"]) =>
  step === null ? guide.putRight() : guide.show(step);

function watch(
  showing: Showing,
  watchers: Set<Watcher>,
  { as, response }: Pick<Watcher, "as" | "response">,
): void {
  if (!(as in showing.cast.roles)) {
    send(response, 404, { error: `there is no ${as}` });
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  const watcher: Watcher = { as, response, last: "" };
  watchers.add(watcher);
  response.on("close", () => watchers.delete(watcher));
  push(showing, watcher);
}

/** Sends the state if it has changed; the time alone is no change. */
function push({ demo, cast, board, guide }: Showing, watcher: Watcher): void {
  const { slack, azure, bot, nowMs } = demo;
  const state: Omit<Shown, "nowMs"> = {
    offsetMs: demo.offsetMs(),
    me: watcher.as,
    slack: slackView(slack, cast, watcher.as),
    azure: azureView({ ...azure, nowMs }),
    wire: latestLines(demo),
    whatIf: board.read(),
    bot: { state: bot.state(), starts: bot.starts() },
    guide: guide.read(),
  };
  const text = JSON.stringify(state);
  const mark = createHash("sha256").update(text).digest("hex");
  if (mark === watcher.last) return;
  watcher.last = mark;
  watcher.response.write(`data: {"nowMs":${nowMs()},${text.slice(1)}\n\n`);
}

function latestLines(demo: Demo): Shown["wire"] {
  const { calls, deliveries, responses, azure } = known(demo);
  const but = (count: number) => Math.max(0, count - WIRE_SHOWN);
  const from = {
    calls: but(calls),
    deliveries: but(deliveries),
    responses: but(responses),
    azure: but(azure),
  };
  return wireLines(demo, from).slice(-WIRE_SHOWN);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > BODY_MAX_BYTES) throw new Error("that is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function sendFile(response: ServerResponse, { type, body }: File): void {
  response.writeHead(200, {
    "content-type": type,
    "cache-control": "no-store",
    "content-security-policy": "default-src 'self'; img-src 'self' data: https:",
    "x-content-type-options": "nosniff",
  });
  response.end(body);
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": JSON_TYPE });
  response.end(JSON.stringify(body));
}
