// The page that sees somebody's address: plain HTML without scripts. Opening it changes nothing, only its button does.

import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type ClientAddress, clientAddress } from "../../domain/network/client-address.ts";
import type { Policy } from "../../domain/rules/policy.ts";
import type { AddressPage, AddressView } from "../../ports/inbound.ts";
import type { Log } from "../../ports/log.ts";
import { type Exchange, type Route, send } from "./http-server.ts";
import { htmlPage, type Shown, STYLE, shownView } from "./my-ip-html.ts";
import { perMinute } from "./per-minute.ts";

export type MyIpOptions = {
  readonly page: AddressPage;
  readonly myIp: () => Pick<Policy["myIp"], "trustedProxies" | "header">;
  readonly log: Log;
  readonly nowMs: () => number;
};

const PATH = "/my-ip/";
const FORM_BYTES_MAX = 2_000;
/** A person needs a handful; guessing secrets gets nowhere with any number. */
const REQUESTS_PER_MINUTE = 30;

/** Answers below `/my-ip/`. Nothing of a link is logged: its holder can press its button. */
export function myIpRoutes({ page, myIp, log, nowMs }: MyIpOptions): readonly Route[] {
  const mayCome = perMinute(REQUESTS_PER_MINUTE, nowMs);

  const answered =
    (
      view: (exchange: Exchange, secret: string, from: ClientAddress) => Promise<Shown | undefined>,
    ) =>
    async (exchange: Exchange): Promise<void> => {
      const { request, response, path } = exchange;
      const from = addressOf(request, myIp());
      const shown = mayCome(nameOf(from, request))
        ? await view(exchange, path.slice(PATH.length), from)
        : TOO_MANY;
      if (shown !== undefined) answer(response, shown);
    };

  return [
    {
      method: "GET",
      path: `${PATH}*`,
      handle: answered(async (_exchange, secret, from) =>
        waiting(await page.look(secret, from), secret, from),
      ),
    },
    {
      method: "POST",
      path: `${PATH}*`,
      handle: answered(async ({ request, readBody }, secret, from) => {
        const body = await readBody(FORM_BYTES_MAX);
        if (body === undefined) return undefined;
        const form = new URLSearchParams(body.toString());
        if (!isOurForm(request) || form.get("press") !== pressOf(secret)) {
          log.warn({}, "a press on the address page didn't come from its button");
          return NOT_PRESSED;
        }
        // Between looking and pressing a laptop may have changed its network.
        if ("ipv4" in from && form.get("seen") !== from.ipv4) {
          return waiting(await page.look(secret, from), secret, from, "Your address has changed.");
        }
        return shownView(await page.press(secret, from));
      }),
    },
  ];
}

/** The page with its button, where there is something to press. */
function waiting(view: AddressView, secret: string, from: ClientAddress, note?: string): Shown {
  return view.page === "waiting" && "ipv4" in from
    ? shownView(view, { seen: from.ipv4, press: pressOf(secret), note })
    : shownView(view);
}

function addressOf(
  request: IncomingMessage,
  { header, trustedProxies }: ReturnType<MyIpOptions["myIp"]>,
): ClientAddress {
  const sent = request.headersDistinct[header]?.join(",");
  return clientAddress(request.socket.remoteAddress, sent, trustedProxies);
}

const nameOf = (from: ClientAddress, { socket }: IncomingMessage): string => {
  if ("ipv4" in from) return from.ipv4;
  return "ipv6" in from ? from.ipv6 : (socket.remoteAddress ?? "");
};

/** Proves that anyone who presses has read the page; a link that is only followed never carries it. */
const pressOf = (secret: string): string =>
  createHash("sha256").update(`press ${secret}`).digest("base64url");

/** Browsers say where a form was sent from; older ones say nothing. */
function isOurForm({ headers }: IncomingMessage): boolean {
  const site = headers["sec-fetch-site"] ?? "same-origin";
  const type = (headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase();
  return site === "same-origin" && type === "application/x-www-form-urlencoded";
}

const TOO_MANY: Shown = {
  status: 429,
  title: "Too many at once",
  lines: [["Open the link again in a minute."]],
};
const NOT_PRESSED: Shown = {
  status: 400,
  title: "Nothing happened",
  lines: [["Open the link and press its button."]],
};

const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
  "x-robots-tag": "noindex, nofollow",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  vary: "*",
};

function answer(response: ServerResponse, shown: Shown): void {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  if (shown.status === 429) response.setHeader("retry-after", "60");
  const text = htmlPage(shown);
  send(response, { status: shown.status, type: "text/html; charset=utf-8", text });
}
