// What the guard before Bolt lets through, and that nothing which is sent to it ends the process.

import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { commandBody, FORM, post, signed, started } from "../bench.ts";

/** Fails the test for anything that would have ended a process without a last line of defence. */
function watchRejections(): unknown[] {
  const seen: unknown[] = [];
  const note = (reason: unknown): void => void seen.push(reason);
  process.on("unhandledRejection", note);
  process.on("uncaughtException", note);
  onTestFinished(() => {
    process.off("unhandledRejection", note);
    process.off("uncaughtException", note);
  });
  return seen;
}

describe("signatures", () => {
  const body = commandBody();
  const good = () => signed(body);
  const withHeader = (name: string, change: (value: string) => string) => {
    const headers = good();
    return { ...headers, [name]: change(headers[name] ?? "") };
  };
  const SIGNATURE = "x-slack-signature";
  const TIMESTAMP = "x-slack-request-timestamp";
  const without = (name: string) => {
    const { [name]: _gone, ...rest } = good();
    return rest;
  };

  it("lets a signed request through", async () => {
    const { url, stub } = await started();
    expect((await post(url, body, good())).status).toBe(200);
    expect(stub.calls).toMatchObject([{ act: "command", text: "help" }]);
  });

  it.each<[string, () => Record<string, string>]>([
    ["another secret", () => signed(body, { secret: "another" })],
    ["another body", () => signed(`${body}&x=1`)],
    ["no headers", () => ({ "content-type": FORM })],
    ["no signature", () => without(SIGNATURE)],
    ["no timestamp", () => without(TIMESTAMP)],
    ["an empty signature", () => withHeader(SIGNATURE, () => "")],
    ["another version", () => withHeader(SIGNATURE, (value) => value.replace("v0", "v1"))],
    ["no version", () => withHeader(SIGNATURE, (value) => value.slice(3))],
    ["upper-case digits", () => withHeader(SIGNATURE, (value) => value.toUpperCase())],
    ["too short a signature", () => withHeader(SIGNATURE, (value) => value.slice(0, -1))],
    ["too long a signature", () => withHeader(SIGNATURE, (value) => `${value}0`)],
    ["more after the signature", () => withHeader(SIGNATURE, (value) => `${value}=x`)],
    ["two signatures", () => withHeader(SIGNATURE, (value) => `${value}, ${value}`)],
    ["no digits", () => withHeader(SIGNATURE, () => `v0=${"z".repeat(64)}`)],
    ["a timestamp of words", () => withHeader(TIMESTAMP, () => "now")],
    ["an empty timestamp", () => withHeader(TIMESTAMP, () => "")],
    [
      "a timestamp in hexadecimal",
      () => withHeader(TIMESTAMP, (v) => `0x${Number(v).toString(16)}`),
    ],
    ["a timestamp with a fraction", () => withHeader(TIMESTAMP, (value) => `${value}.5`)],
    ["a timestamp with an exponent", () => withHeader(TIMESTAMP, () => "1e9")],
    ["a negative timestamp", () => withHeader(TIMESTAMP, (value) => `-${value}`)],
    ["two timestamps", () => withHeader(TIMESTAMP, (value) => `${value}, ${value}`)],
    ["a stale one", () => signed(body, { offsetSeconds: -302 })],
    ["one from tomorrow", () => signed(body, { offsetSeconds: 86_400 })],
    ["one from two minutes ahead", () => signed(body, { offsetSeconds: 120 })],
    ["one from a minute and a little ahead", () => signed(body, { offsetSeconds: 62 })],
  ])("refuses %s", async (_, headers) => {
    const { url, stub } = await started();
    expect((await post(url, body, headers())).status).toBe(401);
    expect(stub.calls).toEqual([]);
  });

  it("takes what is a little late, or ahead by what clocks may differ", async () => {
    const { url, stub } = await started();
    expect((await post(url, body, signed(body, { offsetSeconds: -290 }))).status).toBe(200);
    expect((await post(url, body, signed(body, { offsetSeconds: 50 }))).status).toBe(200);
    expect(stub.calls).toHaveLength(2);
  });

  it("gives a replayed request the same key of delivery, and any other another one", async () => {
    const { url, stub } = await started();
    const headers = good();
    const other = commandBody({ text: "list" });
    await post(url, body, headers);
    await post(url, body, headers);
    await post(url, other, signed(other));
    await post(url, body, signed(body, { offsetSeconds: -5 }));
    const [first, again, different, later] = stub.calls.map((call) => call.sender.delivery);
    expect(again).toBe(first);
    expect(new Set([first, different, later]).size).toBe(3);
    expect(first).not.toContain(headers[SIGNATURE]?.slice(3));
  });

  it("writes no secrets and no payloads to the log", async () => {
    const { url, log } = await started();
    const headers = signed(body, { secret: "another" });
    await post(url, body, headers);
    await post(url, body, good());
    expect(log.text()).not.toContain(headers[SIGNATURE]?.slice(3));
    expect(log.text()).not.toContain("trigger_id");
    expect(log.text()).not.toContain("xoxb");
  });
});

const JSON_TYPE = "application/json";
const payload = (value: unknown): string => `payload=${encodeURIComponent(JSON.stringify(value))}`;
const interaction = { user: { id: "U0ERIN" }, team: { id: "T0HOME" }, api_app_id: "A0JITBOT" };

/** What it is, the body, its type, and how it is answered. None of them reaches the inbound port. */
const HOSTILE: readonly (readonly [
  what: string,
  body: string | Buffer,
  type: string,
  status: number,
])[] = [
  ["nothing", "", FORM, 400],
  ["no JSON", "payload=nonsense", FORM, 400],
  ["JSON that breaks off", 'payload={"type":"block_actions"', FORM, 400],
  ["payload=null", "payload=null", FORM, 400],
  ["a payload that is true", "payload=true", FORM, 400],
  ["a payload that is a number", "payload=1", FORM, 400],
  ["a payload that is text", 'payload="x"', FORM, 400],
  ["a payload that is a list", "payload=[]", FORM, 400],
  ["a payload that is empty", "payload={}", FORM, 400],
  ["an empty payload", "payload=", FORM, 400],
  ["two payloads", "payload=null&payload=null", FORM, 400],
  ["a type that is a number", payload({ type: 1 }), FORM, 400],
  ["no user", payload({ type: "block_actions", actions: [{ action_id: "x" }] }), FORM, 400],
  [
    "a user that is null",
    payload({ ...interaction, type: "block_actions", user: null }),
    FORM,
    400,
  ],
  ["no actions", payload({ ...interaction, type: "block_actions" }), FORM, 400],
  ["empty actions", payload({ ...interaction, type: "block_actions", actions: [] }), FORM, 400],
  [
    "actions that are null",
    payload({ ...interaction, type: "block_actions", actions: [null] }),
    FORM,
    400,
  ],
  [
    "actions that are text",
    payload({ ...interaction, type: "block_actions", actions: "x" }),
    FORM,
    400,
  ],
  [
    "a view that is null",
    payload({ ...interaction, type: "view_submission", view: null }),
    FORM,
    400,
  ],
  ["no view", payload({ ...interaction, type: "view_submission" }), FORM, 400],
  ["an event that is null", payload({ type: "event_callback", event: null }), FORM, 400],
  ["an event that is text", payload({ type: "event_callback", event: "x" }), FORM, 400],
  [
    "an item that is text",
    payload({ type: "event_callback", event: { type: "x", item: "y" } }),
    FORM,
    400,
  ],
  [
    "an action that is an event, too",
    payload({
      ...interaction,
      type: "block_actions",
      actions: [{ action_id: "jit.end" }],
      event: {},
    }),
    FORM,
    400,
  ],
  ["a command that is an event, too", `${commandBody()}&event=x`, FORM, 400],
  ["two commands", `${commandBody()}&command=/other`, FORM, 400],
  ["two users", `${commandBody()}&user_id=U0LEAD`, FORM, 400],
  ["a command without a user", "command=/jit&text=help", FORM, 400],
  ["no form", commandBody(), JSON_TYPE, 400],
  ["no JSON where it says so", "{", JSON_TYPE, 400],
  ["null", "null", JSON_TYPE, 400],
  ["a list", "[1]", JSON_TYPE, 400],
  ["a form without a type", commandBody(), "", 400],
  ["another type", commandBody(), "multipart/form-data; boundary=x", 400],
  ["bytes that are no text", Buffer.from([0x80, 0xff, 0x00]), FORM, 400],
  [
    "a command with bytes that are no text",
    Buffer.concat([Buffer.from(commandBody()), Buffer.from([0xff])]),
    FORM,
    400,
  ],
  ["very deep JSON", `payload=${"[".repeat(100_000)}`, FORM, 400],
  ["very deep JSON that is whole", `payload=${"[".repeat(50_000)}${"]".repeat(50_000)}`, FORM, 400],
  ["a prototype", payload(JSON.parse('{"__proto__":{"type":"block_actions"}}')), FORM, 400],
  ["too much", `text=${"x".repeat(1_000_000)}`, FORM, 413],
  ["a check of the certificate", "token=x&ssl_check=1", FORM, 200],
  ["such a check with a command in it", `${commandBody()}&ssl_check=1`, FORM, 200],
  ["what nobody listens to", payload({ ...interaction, type: "workflow_step_edit" }), FORM, 200],
  [
    "an old kind of message",
    payload({ ...interaction, type: "interactive_message", actions: [{ name: "x" }] }),
    FORM,
    200,
  ],
  [
    "a notice of Slack's",
    JSON.stringify({ type: "app_rate_limited", team_id: "T0HOME" }),
    JSON_TYPE,
    200,
  ],
  [
    "an event",
    JSON.stringify({
      type: "event_callback",
      team_id: "T0HOME",
      event: { type: "app_home_opened", user: "U0ERIN" },
    }),
    JSON_TYPE,
    200,
  ],
  [
    "an unknown button",
    payload({
      ...interaction,
      type: "block_actions",
      container: { type: "message" },
      actions: [{ action_id: "other" }],
    }),
    FORM,
    200,
  ],
  [
    "an unknown form",
    payload({ ...interaction, type: "view_submission", view: { id: "V1", callback_id: "other" } }),
    FORM,
    200,
  ],
  [
    "a closed form",
    payload({ ...interaction, type: "view_closed", view: { id: "V1", callback_id: "jit.deny" } }),
    FORM,
    200,
  ],
  ["a shortcut", payload({ ...interaction, type: "shortcut", callback_id: "other" }), FORM, 200],
  [
    "a question for options",
    payload({ ...interaction, type: "block_suggestion", action_id: "other" }),
    FORM,
    200,
  ],
  ["another command", commandBody({ command: "/other" }), FORM, 200],
];

describe("bodies", () => {
  it.each(HOSTILE)("answers %s", async (_, body, contentType, status) => {
    const rejections = watchRejections();
    const { url, stub, slack } = await started();
    const before = slack.calls.length;
    const startedMs = performance.now();
    const answer = await post(url, body, signed(body, { contentType }));
    await answer.text();
    expect(answer.status).toBe(status);
    expect(performance.now() - startedMs).toBeLessThan(2_500);
    // It lives, and takes a good one.
    const good = commandBody({ text: "good" });
    expect((await post(url, good, signed(good))).status).toBe(200);
    expect(stub.calls).toMatchObject([{ text: "good" }]);
    expect(slack.calls.length).toBe(before);
    expect(rejections).toEqual([]);
  });

  it("answers Slack's check of the address, if it is signed", async () => {
    const { url } = await started();
    const body = JSON.stringify({ type: "url_verification", challenge: "3eZbrw1aB" });
    const answer = await post(url, body, signed(body, { contentType: JSON_TYPE }));
    expect(await answer.json()).toEqual({ challenge: "3eZbrw1aB" });
    expect((await post(url, body, { "content-type": JSON_TYPE })).status).toBe(401);
  });

  it("answers Slack's check of the certificate, which is not signed, and does nothing for it", async () => {
    const { url, stub } = await started();
    const headers = { "content-type": FORM };
    expect((await post(url, "token=x&ssl_check=1", headers)).status).toBe(200);
    expect((await post(url, `${commandBody()}&ssl_check=1`, headers)).status).toBe(200);
    expect((await post(url, "token=x&ssl_check=0", headers)).status).toBe(401);
    expect((await post(url, `ssl_check=1&x=${"y".repeat(2_000)}`, headers)).status).toBe(401);
    expect(stub.calls).toEqual([]);
  });

  it("reads a form whose type has parameters", async () => {
    const { url, stub } = await started();
    const body = commandBody({ text: "list mine" });
    const contentType = "Application/X-WWW-Form-Urlencoded; charset=utf-8";
    expect((await post(url, body, signed(body, { contentType }))).status).toBe(200);
    expect(stub.calls).toMatchObject([{ text: "list mine" }]);
  });

  it("answers options that nobody offers with none", async () => {
    const { url } = await started();
    const body = payload({ ...interaction, type: "block_suggestion", action_id: "other" });
    expect(await (await post(url, body, signed(body))).json()).toEqual({ options: [] });
  });
});

describe("anything signed", () => {
  const json = fc.json({ maxDepth: 4 });
  const almost = fc.record(
    {
      type: fc.constantFrom("block_actions", "view_submission", "event_callback", "shortcut"),
      user: fc.oneof(fc.constant({ id: "U0ERIN" }), fc.jsonValue({ maxDepth: 1 })),
      team: fc.oneof(fc.constant({ id: "T0HOME" }), fc.jsonValue({ maxDepth: 1 })),
      view: fc.oneof(fc.constant({ id: "V1" }), fc.jsonValue({ maxDepth: 2 })),
      actions: fc.array(
        fc.oneof(fc.constant({ action_id: "jit.x" }), fc.jsonValue({ maxDepth: 1 })),
      ),
      event: fc.jsonValue({ maxDepth: 2 }),
      container: fc.jsonValue({ maxDepth: 1 }),
      function_data: fc.jsonValue({ maxDepth: 1 }),
      response_url: fc.jsonValue({ maxDepth: 1 }),
    },
    { requiredKeys: [] },
  );
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.string({ unit: "binary" }),
    json,
    json.map((text) => `payload=${encodeURIComponent(text)}`),
    almost.map(payload),
    almost.map((value) => JSON.stringify(value)),
    fc.webQueryParameters(),
  );

  it("is answered, does not end the process, and does not reach the inbound port", async () => {
    const rejections = watchRejections();
    const { url, stub } = await started();
    await fc.assert(
      fc.asyncProperty(anything, fc.constantFrom(FORM, JSON_TYPE), async (body, contentType) => {
        const answer = await post(url, body, signed(body, { contentType }));
        await answer.text();
        // 500 is Bolt's answer to what it throws over within its own handlers, and 404 its answer, after three
        // seconds, to what no listener is for: a form without a name, say.
        expect([200, 400, 404, 500]).toContain(answer.status);
      }),
      { numRuns: 300 },
    );
    expect(stub.calls).toEqual([]);
    expect(rejections).toEqual([]);
  });
});

it("takes nothing before it is started and after it is stopped", async () => {
  const { url, inbound, stub } = await started();
  expect(inbound.connected()).toBe(true);
  await inbound.stop();
  expect(inbound.connected()).toBe(false);
  const body = commandBody();
  expect((await post(url, body, signed(body))).status).toBe(503);
  expect((await fetch(url)).status).toBe(405);
  expect(stub.calls).toEqual([]);
});
