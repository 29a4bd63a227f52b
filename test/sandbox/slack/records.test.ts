// What the simulated Slack keeps on record for whoever wants to show what went over the wire.

import { describe, expect, it } from "vitest";
import { bareApp, bench, ERIN_IN_DEV } from "./support.ts";

describe("the records", () => {
  it("keep what was delivered", async () => {
    const { slack } = await bench();
    await bareApp(slack, []);
    await slack.command({ ...ERIN_IN_DEV, text: "help" });
    expect(slack.deliveries.at(-1)?.payload).toMatchObject({ command: "/jit", text: "help" });
  });

  it("keep what came in at response URLs, and for whom", async () => {
    const { slack } = await bench();
    await bareApp(slack, []);
    const { responseUrl = "" } = await slack.command({ ...ERIN_IN_DEV, text: "help" });
    await fetch(responseUrl, { method: "POST", body: JSON.stringify({ text: "hello" }) });
    expect(slack.responses).toMatchObject([
      { user: "U0ERIN", channel: "C0DEV", status: 200, args: { text: "hello" } },
    ]);
  });
});
