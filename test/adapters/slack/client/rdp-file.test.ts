// The file for Remote Desktop: what stands in it, who gets it, and that nothing is lost without it.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rdpFile } from "../../../../src/adapters/slack/client/rdp-file.ts";
import type { WayIn } from "../../../../src/domain/request/grant.ts";
import { ERIN, grant, inPhase, open, opening, PLAIN, step } from "../requests.ts";
import { bench, SILENT } from "../workspace.ts";

const OPENED = [step("open")];

const rdp = (to: Partial<WayIn> = {}, vm = PLAIN.vm, ports: readonly number[] = [22, 3389]) => {
  const wayIn = { address: "198.51.100.7", mappedPorts: {}, ...to };
  const typed = { ...PLAIN, vm };
  return inPhase(typed, { state: "open", grant: grant(typed, { wayIn }) }, { ports });
};

describe("the file", () => {
  it("leads to the address and the port, and asks who comes", () => {
    expect(rdpFile(rdp(), OPENED)).toEqual({
      vm: "vm-01",
      name: "vm-01.rdp",
      text: "full address:s:198.51.100.7:3389\r\nprompt for credentials:i:1\r\n",
    });
  });

  it("leads to the firewall's port where one stands before the VM", () => {
    const file = rdpFile(rdp({ mappedPorts: { "3389": 50001, "22": 50000 } }), OPENED);
    expect(file?.text).toContain("full address:s:198.51.100.7:50001\r\n");
  });

  it("is made only when the port of Remote Desktop was seen open", () => {
    expect(rdpFile(rdp({}, PLAIN.vm, [22, 5986]), OPENED)).toBeUndefined();
    expect(rdpFile(rdp(), [step("warning-missed")])).toBeUndefined();
    expect(rdpFile(opening(), OPENED)).toBeUndefined();
    expect(rdpFile({ ...rdp(), state: "failed", fault: { code: "", message: "" } }, OPENED)).toBe(
      undefined,
    );
  });

  it.each([undefined, "", "a\r\nalternate shell:s:cmd", "1.2.3.4 ", "-x", "<a>", "::1"])(
    "is not made for the address %j",
    (address) => {
      expect(rdpFile(rdp({ address }), OPENED)).toBeUndefined();
    },
  );

  it.each([
    ["Win-Dev_01.a", "Win-Dev_01.a.rdp"],
    ["../../etc/passwd", "etc-passwd.rdp"],
    ["..", "vm.rdp"],
    [".hidden", "hidden.rdp"],
    ['a"b<c>|d\u202e\n', "a-b-c-d.rdp"],
    ["😀", "vm.rdp"],
    ["v".repeat(500), `${"v".repeat(64)}.rdp`],
  ])("of the VM %j has a name that is safe", (vm, name) => {
    expect(rdpFile(rdp({}, vm), OPENED)?.name).toBe(name);
  });

  it("has two lines and a safe name, whatever Azure names", () => {
    const text = fc.string({ unit: "binary", maxLength: 80 });
    fc.assert(
      fc.property(text, text, (address, vm) => {
        const file = rdpFile(rdp({ address }, vm), OPENED);
        if (file !== undefined) expect(file.text.split(/\r|\n/)).toHaveLength(5);
        expect(file?.name ?? "vm.rdp").toMatch(/^[\w][\w.-]{0,63}\.rdp$/);
      }),
    );
  });
});

describe("the requester", () => {
  it("gets the file right after the way in", async () => {
    const { slack, chat } = await bench();
    await chat.postLive(rdp({}, "<!channel>&"), OPENED);
    const [message, shared, ...more] = slack.direct(ERIN);
    expect(slack.plainText(message ?? { text: "" })).toContain("mstsc /v:198.51.100.7:3389");
    expect(shared?.text).toBe("This file opens Remote Desktop to `&lt;!channel&gt;&amp;`.");
    expect(shared?.files).toMatchObject([{ name: "channel.rdp", title: "channel.rdp" }]);
    expect(more).toEqual([]);
    const [file] = slack.world.files.values();
    expect(String(file?.bytes)).toBe(rdpFile(rdp(), OPENED)?.text);
    expect(slack.world.warnings).toEqual([]);
  });

  it("gets none where nothing of Remote Desktop is open", async () => {
    const { slack, chat } = await bench();
    await chat.postLive(open(), OPENED);
    await chat.postLive(rdp(), [step("warning-missed")]);
    expect(slack.direct(ERIN)).toHaveLength(2);
    expect(slack.callsTo("files.getUploadURLExternal")).toEqual([]);
  });

  const heard = async (hinder: Parameters<typeof bench>[0], fault?: object) => {
    const codes: unknown[] = [];
    const log = { ...SILENT, info: (facts: object) => codes.push(...Object.values(facts)) };
    const { slack, chat } = await bench({ ...hinder, chat: { log } });
    if (fault !== undefined) slack.faults.add(fault);
    await chat.postLive(rdp(), OPENED);
    expect(slack.direct(ERIN).map((one) => slack.plainText(one))).toEqual([
      expect.stringContaining("mstsc /v:198.51.100.7:3389"),
    ]);
    return codes;
  };

  it("is told the way in without the optional scope", async () => {
    const scopes = ["chat:write", "im:write"];
    expect(await heard({ slack: { scopes } })).toContain("missing_scope");
  });

  it.each([
    [
      "asking for a place",
      { path: "files.getUploadURLExternal", act: { status: 500 } },
      "http_500",
    ],
    ["the upload", { path: "^/upload/", act: { status: 413 } }, "http_413"],
    ["the upload's connection", { path: "^/upload/", act: "reset" }, "ECONNRESET"],
    [
      "a place that is none",
      {
        path: "files.getUploadURLExternal",
        act: { status: 200, body: { ok: true, upload_url: "file:///etc/passwd", file_id: "F1" } },
      },
      "unreadable_answer",
    ],
    ["sharing it", { path: "files.completeUploadExternal", act: { status: 503 } }, "http_503"],
    ["an answer to sharing it", { path: "files.completeUploadExternal", act: "hang" }, "ETIMEDOUT"],
  ])("is told the way in if %s fails", async (_, fault, code) => {
    expect(await heard({}, fault)).toContain(code);
  });

  it("is told once, and does not wait long, if the upload hangs", async () => {
    expect(await heard({}, { path: "^/upload/", act: "hang" })).toContain("ETIMEDOUT");
  }, 15_000);
});
