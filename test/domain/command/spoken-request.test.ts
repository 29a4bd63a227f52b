// What people write to the bot in their own words, read as a request where it names a VM.

import { expect, it } from "vitest";
import { namesLater, spokenRequest } from "../../../src/domain/command/spoken-request.ts";

it.each([
  ["rdp to vm-01 for two hours", "request vm-01 rdp 2h"],
  [
    "I need SSH on rg-prod-shop/web-02 for 30 minutes, please",
    "request rg-prod-shop/web-02 SSH 30m",
  ],
  ["can I get onto web-02?", "request web-02"],
  ["3389 vm-01 an hour", "request vm-01 3389 1h"],
  ["vm-01 rdp 2h", "request vm-01 rdp 2h"],
  ["/jit request vm-01 22 2h for the certificate", "request vm-01 22 2h for the certificate"],
  ["vm-01 at 23:00", "request vm-01 at 23:00"],
  ["rdp to vm-01 for two hours at 9pm, please", "request vm-01 rdp 2h at 9pm"],
  ["ssh on web-02 tomorrow at 9:00", "request web-02 ssh at tomorrow 9:00"],
  ["vm-01 on Friday 9:30pm", "request vm-01 at Friday 9:30pm"],
  ["vm-01 2h at 2026-12-01 23:00", "request vm-01 2h at 2026-12-01 23:00"],
  ["vm-01 today", "request vm-01"],
  ["/jit request vm-01 22 2h at 23:00 for R&D", "request vm-01 22 2h at 23:00 for R&D"],
  // A time that can't be read is never left out.
  ["vm-01 tomorrow", undefined],
  ["rdp to vm-01 tonight", undefined],
  ["vm-01 in two hours", undefined],
  ["vm-01 after 23:00", undefined],
  ["vm-01 at 25:00", undefined],
  ["vm-01 at 9:00 or at 10:00", undefined],
  ["vm-01 on friday", undefined],
  ["rdp to vm-01 for half an hour", "request vm-01 rdp 30m"],
  ["rdp to vm-01 for 1.5 hours", "request vm-01 rdp 1h30m"],
  ["ssh to vm-01 for 2 hours 30 minutes", "request vm-01 ssh 2h30m"],
  ["ssh to vm-01 for 1h30m", "request vm-01 ssh 1h30m"],
  ["ssh to vm-01 for seven hours", "request vm-01 ssh 7h"],
  ["ssh to web-01 from 10.0.0.5", "request web-01 ssh from 10.0.0.5"],
  ["I’d like ssh to web-01 from vpn, please", "request web-01 ssh from vpn"],
  // Neither is anything else.
  ["rdp to vm-01 for 1,5 hours", undefined],
  ["rdp to vm-01 for an hour and a half", undefined],
  ["rdp to vm-01 for 2-3 hours", undefined],
  ["rdp to vm-01 for 2 or 3 hours", undefined],
  ["rdp to vm-01 for a few hours", undefined],
  ["rdp to vm-01 for 3 days and 2 hours", undefined],
  ["rdp to vm-01 and vm-02 for 2 hours", undefined],
  ["rdp to vm-01, vm-02 for 2 hours", undefined],
  ["rdp to vm-01 on 3 December", undefined],
  ["rdp to vm-01 this evening", undefined],
  ["rdp to vm-01 until 5", undefined],
  ["not vm-01, please", undefined],
  ["how do I get access?", undefined],
  ["hello", undefined],
  ["to be or not to be", undefined],
  ["vm-01 or vm-02, which is it?", undefined],
  ["on <!channel>", undefined],
  [`to vm-01 ${"x".repeat(400)}`, undefined],
])("%s", (text, command) => {
  expect(spokenRequest(text)).toBe(command);
});

it.each([
  ["vm-01 tonight", true],
  ["in 2 hours", true],
  ["after 11pm", true],
  ["vm-01 for 2 hours", false],
  ["vm-01 rdp 2h", false],
])("%s names another time: %s", (text, is) => {
  expect(namesLater(text)).toBe(is);
});
