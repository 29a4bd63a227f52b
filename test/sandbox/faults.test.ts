// Faults to order: which requests they befall, in which way, and how another process orders them.

import { describe, expect, it } from "vitest";
import { answerFaultControl, createFaults, type Reply } from "../../src/sandbox/faults.ts";

const fine: Reply = { status: 200, headers: {}, body: "fine" };
const target = (method = "GET", path = "/a/b?c=d", body = "") => ({ method, path, body });

const meet = (faults: ReturnType<typeof createFaults>, ...of: Parameters<typeof target>) =>
  faults.around(target(...of), () => fine);

describe("a rule befalls", () => {
  it.each([
    { rule: {}, hit: true },
    { rule: { method: "get" }, hit: true },
    { rule: { method: "POST" }, hit: false },
    { rule: { path: "^/A/" }, hit: true },
    { rule: { path: "c=d$" }, hit: true },
    { rule: { path: "^/b" }, hit: false },
    { rule: { bodyIncludes: "why" }, hit: false },
  ])("$rule: $hit", async ({ rule, hit }) => {
    const faults = createFaults();
    faults.add({ ...rule, act: "reset" });
    expect(await meet(faults)).toBe(hit ? "reset" : fine);
  });

  it("only the number of requests that it says, after those that it skips", async () => {
    const faults = createFaults();
    faults.add({ skip: 1, times: 2, act: "hang" });
    const fates = [];
    for (let i = 0; i < 5; i += 1) fates.push(await meet(faults));
    expect(fates).toEqual([fine, "hang", "hang", fine, fine]);
    expect(faults.list()).toMatchObject([{ id: "fault-1", seen: 5, befell: 2 }]);
  });

  it("what the rules before it left, so that a sequence can be ordered", async () => {
    const faults = createFaults();
    faults.add({ times: 1, act: { status: 500 } });
    faults.add({ times: 1, act: { status: 503 } });
    const fates = [await meet(faults), await meet(faults), await meet(faults)];
    expect(fates.map((fate) => (typeof fate === "string" ? fate : fate.status))).toEqual([
      500, 503, 200,
    ]);
  });

  it("nothing any more once it is cleared", async () => {
    const faults = createFaults();
    const id = faults.add({ act: "reset" });
    faults.add({ act: "hang" });
    faults.clear(id);
    expect(await meet(faults)).toBe("hang");
    faults.clear();
    expect(await meet(faults)).toBe(fine);
  });
});

describe("a fault", () => {
  const handledUnder = async (when: "before" | "after", act: "reset" | { status: number }) => {
    const faults = createFaults();
    faults.add({ when, act });
    let handled = false;
    const fate = await faults.around(target(), () => {
      handled = true;
      return fine;
    });
    return { fate, handled };
  };

  it("before the request leaves it undone", async () => {
    expect(await handledUnder("before", "reset")).toEqual({ fate: "reset", handled: false });
  });

  it("after it only loses the reply", async () => {
    expect(await handledUnder("after", "reset")).toEqual({ fate: "reset", handled: true });
    const { fate, handled } = await handledUnder("after", { status: 504 });
    expect([fate, handled]).toEqual([{ status: 504, headers: {}, body: "" }, true]);
  });

  it("answers with headers, and with text or JSON", async () => {
    const faults = createFaults();
    faults.add({ times: 1, act: { status: 429, headers: { "Retry-After": "3" }, body: "slow" } });
    expect(await meet(faults)).toEqual({
      status: 429,
      headers: { "retry-after": "3" },
      body: "slow",
    });
    faults.add({ act: { status: 500, body: { error: { code: "Oops" } } } });
    expect(await meet(faults)).toEqual({
      status: 500,
      headers: { "content-type": "application/json; charset=utf-8" },
      body: '{"error":{"code":"Oops"}}',
    });
  });

  it("holds a request, or its reply, until it is cleared", async () => {
    const faults = createFaults();
    faults.add({ act: "hold" });
    const order: string[] = [];
    const held = meet(faults).then(() => order.push("went on"));
    await Promise.resolve();
    order.push("cleared");
    faults.clear();
    await held;
    expect(order).toEqual(["cleared", "went on"]);
  });

  it("can be a mere delay", async () => {
    const faults = createFaults();
    faults.add({ delayMs: 1 });
    expect(await meet(faults)).toBe(fine);
  });
});

describe("over the wire", () => {
  const ask = (
    faults: ReturnType<typeof createFaults>,
    method: string,
    path: string,
    json = "",
  ) => {
    const reply = answerFaultControl(faults, { method, path, body: json });
    return reply && { status: reply.status, body: JSON.parse(reply.body) };
  };

  it("rules are added, listed and cleared", () => {
    const faults = createFaults();
    const path = "/_sandbox/faults";
    const rules = [{ act: "hang" }, { method: "PUT", times: 2, act: { status: 503 } }];
    expect(ask(faults, "POST", path, JSON.stringify(rules))).toEqual({
      status: 200,
      body: { ids: ["fault-1", "fault-2"] },
    });
    expect(ask(faults, "GET", path)?.body.faults).toMatchObject([
      { id: "fault-1", when: "before", act: "hang", befell: 0 },
      { id: "fault-2", method: "PUT", times: 2, act: { status: 503 } },
    ]);
    expect(ask(faults, "DELETE", `${path}/fault-1`)?.body.faults).toHaveLength(1);
    expect(ask(faults, "DELETE", path)?.body.faults).toEqual([]);
  });

  it.each(["{", '{"akt":"hang"}', '{"act":"explode"}', '{"path":"("}', '{"times":0}'])(
    "%s is refused",
    (json) => {
      const faults = createFaults();
      expect(ask(faults, "POST", "/_sandbox/faults", json)?.status).toBe(400);
      expect(faults.list()).toEqual([]);
    },
  );

  it("other paths are left to others", () => {
    expect(ask(createFaults(), "GET", "/_sandbox/faultsandmore")).toBeUndefined();
    expect(ask(createFaults(), "PUT", "/_sandbox/faults")?.status).toBe(405);
  });
});
