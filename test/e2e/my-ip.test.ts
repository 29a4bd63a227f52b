// My address, end to end: the private link, the page over HTTP behind proxies and without, and what is remembered.

import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blockIn, opens, sends, toldNext } from "../support/form.ts";
import { ask, cardSays, choose, idIn, initiates, timeIn, typed } from "../support/people.ts";
import { type Bot, startWorld, type TestWorld } from "../support/world.ts";

const MINUTE = 60_000;
const PUBLIC_URL = "https://jit.example.com";

const POLICY = `
channels: { notices: C0NOTICES }
admins: { users: [U0ADMIN] }
networks: { vpn: 203.0.113.0/24 }
myIp: { trustedProxies: [127.0.0.0/8, "::1/128", 10.0.0.0/8], rememberFor: 12h }
limits: { openPerPerson: 30, pendingPerPerson: 30 }
rules:
  - name: windows
    match: { vms: [vm-01, win-*] }
    requesters: anyone
    approvers: { users: [U0LEAD] }
    channel: C0PROD
    maxDuration: 4h
    networks: [vpn, my-ip]
    reason: required
  - name: linux
    match: { vms: [web-*] }
    requesters: anyone
    approvers: { users: [U0LEAD] }
    channel: C0PROD
    networks: [my-ip]
    reason: optional
    extend: { max: 1, approvals: 1 }
  - name: networks only
    match: { vms: [dev-*] }
    requesters: anyone
    approvers: { users: [U0LEAD] }
    channel: C0DEV
    networks: [vpn]
    reason: optional
`;

let world: TestWorld;
let bot: Bot;
beforeAll(async () => {
  world = await startWorld({ policy: POLICY });
  bot = await world.startBot({ env: { PUBLIC_URL } });
});
afterAll(() => world?.close());

type Page = {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
};

type Visit = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string;
  readonly at?: Bot;
};

/** As a browser behind the public address would ask. */
function visit(link: string, { method = "GET", headers = {}, body, at = bot }: Visit = {}) {
  const path = link.replace(PUBLIC_URL, "");
  return new Promise<Page>((resolve, reject) => {
    const request = httpRequest(`${at.url}${path}`, { method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(chunks).toString(),
          headers: response.headers,
        }),
      );
    });
    request.on("error", reject);
    request.end(body);
  });
}

const from = (address: string) => ({ "x-forwarded-for": address });

/** Presses the button that the page shows. */
async function press(link: string, address: string, shown?: Page): Promise<Page> {
  const page = shown ?? (await visit(link, { headers: from(address) }));
  const field = (name: string) =>
    new RegExp(`name="${name}" value="([^"]*)"`).exec(page.text)?.[1] ?? "";
  const body = new URLSearchParams({ press: field("press"), seen: field("seen") }).toString();
  return visit(link, {
    method: "POST",
    headers: { ...from(address), "content-type": "application/x-www-form-urlencoded" },
    body,
  });
}

/** Asks from my-ip, and answers the link that came. */
async function linkFrom(user: string, text: string): Promise<string> {
  const answer = await typed(world, user, text);
  return linkIn(answer);
}

function linkIn(answer: string): string {
  const link = /https:\/\/jit\.example\.com\/my-ip\/[\w-]{43}/.exec(answer)?.[0];
  if (link === undefined) throw new Error(`no link in: ${answer}`);
  return link;
}

const cards = () => world.slack.messages("C0PROD").length;

describe("from my-ip", () => {
  it("gives a private link, whose button carries on with the request", async () => {
    const before = cards();
    const link = await linkFrom(
      "U0ERIN",
      "request vm-01 3389 1h from my-ip for <the> spooler & co",
    );
    expect(cards()).toBe(before);
    const page = await visit(link, { headers: from("198.51.100.23") });
    expect(page.status).toBe(200);
    for (const said of ["198.51.100.23", "erin", "request vm-01 3389 1h"]) {
      expect(page.text).toContain(said);
    }
    // Whoever has the link might not be the one whom it is for.
    expect(page.text).not.toContain("spooler");
    const done = await press(link, "198.51.100.23", page);
    expect(done.status).toBe(200);
    const id = idIn(done.text);
    const card = await cardSays(world, { id }, "Pending");
    expect(card).toContain("my-ip (198.51.100.23)");
    expect(card).toContain("<the> spooler & co");
    const ts = world.slack.messages("C0PROD").find((one) => one.metadata?.event_payload.id === id);
    await world.slack.click({
      user: "U0LEAD",
      channel: "C0PROD",
      ts: ts?.ts ?? "",
      actionId: "jit.approve",
    });
    await expect.poll(() => initiates(world).length).toBe(1);
    expect(JSON.stringify(initiates(world)[0]?.body)).toContain(
      '"allowedSourceAddressPrefix":"198.51.100.23"',
    );
  });

  it("is remembered, used at once and said so, with a way to renew", async () => {
    const asked = await typed(world, "U0ERIN", "request web-02 22 1h");
    const id = idIn(asked);
    expect(asked).toContain("198.51.100.23");
    expect(asked).toContain("Somewhere else now?");
    // What was proven may be typed, too; what was not, may not.
    expect(await typed(world, "U0ERIN", "request web-02 22 1h from 198.51.100.23")).toContain(
      "JIT-",
    );
    expect(await typed(world, "U0ERIN", "request web-02 22 1h from 198.51.100.24")).toContain(
      "doesn't allow",
    );
    expect(await typed(world, "U0ERIN", "request dev-02 22 1h from my-ip")).toContain(
      "doesn't allow my-ip",
    );
    expect(await typed(world, "U0SAM", "request web-02 22 1h from 198.51.100.23")).toContain(
      "doesn't allow",
    );
    const message = world.slack
      .ephemerals("U0ERIN")
      .find((one) => world.slack.plainText(one).includes(id));
    const renew = /https:\/\/jit\.example\.com\/my-ip\/[\w-]{43}/.exec(
      JSON.stringify(message),
    )?.[0];
    const done = await press(renew ?? "", "198.51.100.77");
    expect(done.text).toContain("knows your address now");
    expect(await typed(world, "U0ERIN", "request web-02 22 1h")).toContain("198.51.100.77");
  });

  it("is offered in the form by its address, and extended without another proof", async () => {
    const { id, card } = await ask(world, "web-02 22 1h");
    const sent = initiates(world).length;
    await choose(world, { user: "U0LEAD", channel: "C0PROD", ts: card.ts }, "change");
    await world.slack.waitFor(() => world.slack.modal("U0LEAD"));
    await world.slack.submitView({ user: "U0LEAD", values: { duration: "30m" } });
    await expect.poll(() => initiates(world).length).toBe(sent + 1);
    world.advance(5_000);
    await cardSays(world, { id }, "Open until");
    const extension = idIn(await typed(world, "U0ERIN", `extend ${id} 30m`));
    expect(await cardSays(world, { id: extension }, "Pending")).toContain("198.51.100.77");

    await typed(world, "U0ERIN", "list");
    world.slack.command({ user: "U0ERIN", channel: "C0GENERAL", text: "request web-02 22 1h for" });
    const form = await world.slack.waitFor(
      () => {
        const modal = world.slack.modal("U0ERIN");
        return JSON.stringify(modal?.view ?? {}).includes("My current IP") ? modal : undefined;
      },
      { what: "the form with the address" },
    );
    expect(JSON.stringify(form.view)).toContain("My current IP (198.51.100.77)");
    await world.slack.closeView({ user: "U0ERIN" });
  });

  it("is forgotten after its time", async () => {
    world.advance(12 * 60 * MINUTE + 1_000);
    await linkFrom("U0ERIN", "request web-02 22 1h");
  });

  it("keeps the time that was named until the button is pressed, and none too far off", async () => {
    const clock = (ms: number) => timeIn(world, ms, "U0SAM");
    const soon = clock(4 * MINUTE).slice(-5);
    const link = await linkFrom("U0SAM", `request web-02 22 1h from my-ip at ${soon}`);
    const page = await visit(link, { headers: from("198.51.100.30") });
    expect(page.text).toContain(`at ${clock(4 * MINUTE).replace(/ 0/, " ")}`);
    world.advance(5 * MINUTE);
    // It was for today, and isn't for tomorrow.
    expect((await press(link, "198.51.100.30", page)).text).toContain("is in the past");
    const far = `request web-02 22 1h from my-ip at ${clock(13 * 60 * MINUTE)}`;
    expect(await typed(world, "U0SAM", far)).toContain("my-ip is only remembered for 12h");
    world.advance(12 * 60 * MINUTE);
  });

  it.each([true, false])(
    "keeps what a form said of several VMs: all or none is %s",
    async (all) => {
      const told = world.slack.ephemerals("U0OMAR").length;
      await opens(world, "request web-02 22 1h from my-ip for", {
        user: "U0OMAR",
        ready: (modal) => blockIn(modal, "more") !== undefined,
      });
      const actionId = "jit.form.more";
      const found = await world.slack.suggest({ user: "U0OMAR", actionId, text: "web-01" });
      const more = (found.sent ? found.options : []).map((one) => String(one.value));
      expect(more).toHaveLength(2);
      const fields = { more, ...(all && { all: ["none"] }) };
      expect((await sends(world, fields, { user: "U0OMAR" })).outcome).toBe("closed");
      const link = linkIn(await toldNext(world, told, "U0OMAR"));
      const page = await visit(link, { headers: from("198.51.100.61") });
      expect(page.text).toContain("web-02,rg-prod-shop/web-01,rg-prod-data/web-01");
      const before = cards();
      const done = (await press(link, "198.51.100.61", page)).text;
      expect(done).toContain("has no JIT policy");
      if (all) expect(cards()).toBe(before);
      else {
        expect(done).toContain("Requested 2 VMs");
        await expect.poll(cards, { timeout: 10_000 }).toBe(before + 1);
      }
      world.advance(13 * 60 * MINUTE);
    },
  );

  it("asks for a missing reason before anybody is sent to the page", async () => {
    world.slack.command({
      user: "U0SAM",
      channel: "C0GENERAL",
      text: "request vm-01 3389 1h from my-ip",
    });
    await world.slack.waitFor(() => world.slack.modal("U0SAM"), { what: "the form" });
    await world.slack.closeView({ user: "U0SAM" });
  });
});

describe("a link", () => {
  it("is used up by its button alone, and by that once", async () => {
    const link = await linkFrom("U0SAM", "request web-02 22 1h from my-ip");
    const before = cards();
    for (const method of ["HEAD", "GET", "GET"]) {
      const page = await visit(link, { method, headers: from("198.51.100.30") });
      expect(page.status).toBe(200);
      expect(page.text === "").toBe(method === "HEAD");
    }
    const form = { ...from("198.51.100.30"), "content-type": "application/x-www-form-urlencoded" };
    const bare = await visit(link, { method: "POST", headers: form, body: "" });
    expect(bare.status).toBe(400);
    const page = await visit(link, { headers: form });
    const token = /name="press" value="([^"]*)"/.exec(page.text)?.[1] ?? "";
    const body = new URLSearchParams({ press: token, seen: "198.51.100.30" }).toString();
    const foreign = { ...form, "sec-fetch-site": "cross-site" };
    expect((await visit(link, { method: "POST", headers: foreign, body })).status).toBe(400);
    expect((await visit(link, { method: "PUT", headers: form, body })).status).toBe(405);
    expect(cards()).toBe(before);
    const answers = await Promise.all([1, 2, 3].map(() => press(link, "198.51.100.30", page)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 410, 410]);
    expect((await visit(link, { headers: form })).status).toBe(410);
    expect((await press(link, "198.51.100.30", page)).text).toContain("already been used");
    await expect.poll(cards, { timeout: 10_000 }).toBe(before + 1);
  });

  it("is for whom it was made, whoever presses", async () => {
    const link = await linkFrom("U0OMAR", "request web-02 22 1h from my-ip");
    const page = await visit(link, { headers: from("198.51.100.40") });
    expect(page.text).toContain("omar");
    expect(page.text).toContain("Anyone using it");
    const id = idIn((await press(link, "198.51.100.40", page)).text);
    // By their plain name: a card in a channel pings nobody.
    expect(await cardSays(world, { id }, "Pending")).toContain("omar → web-02");
  });

  it("that is too old, unknown or malformed says so", async () => {
    const link = await linkFrom("U0ADMIN", "request web-02 22 1h from my-ip");
    const page = await visit(link, { headers: from("198.51.100.50") });
    world.advance(10 * MINUTE + 1_000);
    expect((await visit(link, { headers: from("198.51.100.50") })).status).toBe(410);
    expect((await press(link, "198.51.100.50", page)).text).toContain("has expired");
    for (const secret of ["A".repeat(43), "x", "%00", "..%2F..%2Fetc", `${"A".repeat(42)}%3C`]) {
      const wrong = `${PUBLIC_URL}/my-ip/${secret}`;
      expect((await visit(wrong, { headers: from("198.51.100.51") })).status).toBe(404);
    }
  });

  it("is pressed again where the laptop has changed its network meanwhile", async () => {
    const link = await linkFrom("U0ADMIN", "request web-02 22 1h from my-ip");
    const page = await visit(link, { headers: from("198.51.100.60") });
    const again = await press(link, "198.51.100.61", page);
    expect(again.text).toContain("has changed");
    expect(again.text).toContain("198.51.100.61");
    const done = await press(link, "198.51.100.61", again);
    expect(done.text).toContain("198.51.100.61");
    await typed(world, "U0ADMIN", `cancel ${idIn(done.text)}`);
  });

  it("says on the page and in Slack what is refused, of whoever may not ask any more", async () => {
    const link = await linkFrom("U0AUDIT", "request web-02 22 1h from my-ip");
    await world.slack.change({ user: { id: "U0AUDIT", isRestricted: true }, tellApp: false });
    const done = await press(link, "198.51.100.62");
    expect(done.text).toContain("use just-in-time access");
    await world.slack.waitFor(() =>
      world.slack.direct("U0AUDIT").some((one) => world.slack.plainText(one).includes("Guests")),
    );
  });
});

describe("the address", () => {
  it.each<[string, Record<string, string | string[]>, string]>([
    ["the right-most that is no trusted proxy's", from("1.2.3.4, 198.51.100.70"), "198.51.100.70"],
    [
      "left of trusted proxies",
      from("9.9.9.9, 198.51.100.71, 10.0.0.1, 127.0.0.9"),
      "198.51.100.71",
    ],
    ["with a port, as some proxies write it", from("198.51.100.72:4711"), "198.51.100.72"],
    ["IPv4 within IPv6", from("::ffff:198.51.100.73"), "198.51.100.73"],
    ["over several headers", { "x-forwarded-for": ["1.2.3.4", "198.51.100.74"] }, "198.51.100.74"],
  ])("is %s", async (_name, headers, expected) => {
    const link = await linkFrom("U0LEAD", "request vm-01 3389 1h from my-ip for a reason");
    expect((await visit(link, { headers })).text).toContain(`Use ${expected}`);
  });

  it.each<[string, Record<string, string>, string]>([
    ["private", from("192.168.1.7, 10.1.2.3"), "private address"],
    ["loopback", {}, "say where you connect from"],
    ["multicast", from("224.0.0.7"), "multicast"],
    ["IPv6 alone", from("2001:db8::7"), "IPv6"],
    ["unreadable", from("unknown"), "say where you connect from"],
    ["in another header", { forwarded: "for=198.51.100.75" }, "say where you connect from"],
  ])("that is %s is not used, and the link is still good", async (_name, headers, said) => {
    const link = await linkFrom("U0LEAD", "request vm-01 3389 1h from my-ip for a reason");
    const page = await visit(link, { headers });
    expect(page.status).toBe(403);
    expect(page.text).toContain(said);
    expect(page.text).not.toContain("<form");
    expect((await visit(link, { headers: from("198.51.100.76") })).status).toBe(200);
  });

  it("is the peer's own where it is no trusted proxy, whatever it says", async () => {
    const distrusting = await world.startBot({
      env: { PUBLIC_URL },
      policy: POLICY.replace(/trustedProxies: \[.*?\]/, "trustedProxies: [10.0.0.0/8]"),
    });
    const link = await linkFrom("U0LEAD", "request vm-01 3389 1h from my-ip for a reason");
    const page = await visit(link, { headers: from("198.51.100.80"), at: distrusting });
    expect(page.status).toBe(403);
    expect(page.text).toContain("127.0.0.1");
    expect(page.text).not.toContain("198.51.100.80");
    await distrusting.terminate();
    bot = await world.startBot({ env: { PUBLIC_URL } });
  });
});

describe("the page", () => {
  it("is kept by nobody, asks for nothing, and runs nothing", async () => {
    const link = await linkFrom("U0LEAD", "request vm-01 3389 1h from my-ip for a reason");
    const { headers, text } = await visit(link, { headers: from("198.51.100.90") });
    expect(headers["cache-control"]).toContain("no-store");
    expect(headers["referrer-policy"]).toBe("no-referrer");
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
    expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    expect(text).not.toMatch(/<script|https?:\/\/|src=/i);
    expect(bot.output()).not.toContain(link.split("/").at(-1));
  });

  it("holds back whoever comes too often, and nobody else", async () => {
    const link = `${PUBLIC_URL}/my-ip/${"B".repeat(43)}`;
    const statuses: number[] = [];
    for (let n = 0; n < 40; n++) {
      statuses.push((await visit(link, { headers: from("198.51.100.99") })).status);
    }
    expect(statuses.filter((one) => one === 404)).toHaveLength(30);
    expect(statuses.at(-1)).toBe(429);
    expect((await visit(link, { headers: from("198.51.100.98") })).status).toBe(404);
  });
});

describe("without PUBLIC_URL", () => {
  it("says what to do instead", async () => {
    const pageless = await world.startBot();
    const answer = await typed(world, "U0LEAD", "request vm-01 3389 1h from my-ip for a reason");
    expect(answer).toContain("from vpn");
    expect(await typed(world, "U0LEAD", "request web-02 22 1h")).toContain("PUBLIC_URL");
    await pageless.terminate();
  });
});
