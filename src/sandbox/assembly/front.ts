// What stands in front of the bot in the demo, as a load balancer does: hands on what browsers ask for the bot's
// own page, and says from where they come.

import { request as ask, type RequestListener } from "node:http";

/** Browsers of the demo come from this very machine; to the bot it is somebody's at home. */
export const VISITORS_ADDRESS = "192.0.2.44";

const BAD_GATEWAY = 502;
const WITHIN_MS = 15_000;

/**
 * Hands everything below `/my-ip/` to the bot, and the rest to `page`. `botUrl`: `undefined` while the
 * bot hasn't yet been started.
 */
export function demoFront(
  botUrl: () => string | undefined,
  page: RequestListener = notFound,
): RequestListener {
  return (request, response) => {
    const path = request.url ?? "/";
    if (!path.startsWith("/my-ip/")) return page(request, response);
    const away = (): void => {
      if (response.headersSent) return void response.destroy();
      response.writeHead(BAD_GATEWAY, { "content-type": "text/plain; charset=utf-8" });
      response.end(
        "The bot doesn't answer. The link stays good for its ten minutes: load it again.\n",
      );
    };
    const url = botUrl();
    if (url === undefined) return away();
    const headers = { ...request.headers, "x-forwarded-for": VISITORS_ADDRESS };
    const asked = ask(`${url}${path}`, { method: request.method, headers, timeout: WITHIN_MS });
    asked.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? BAD_GATEWAY, answer.headers);
      answer.pipe(response);
    });
    asked.on("timeout", () => asked.destroy(new Error("the bot took too long")));
    asked.on("error", away);
    request.pipe(asked);
  };
}

const notFound: RequestListener = (_request, response) => {
  response.writeHead(404).end();
};
