// What people write to the bot in their own words, read as a request where it names a VM.

import { expect, it } from "vitest";
import { spokenRequest } from "../../../src/domain/command/spoken-request.ts";

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
  ["how do I get access?", undefined],
  ["hello", undefined],
  ["to be or not to be", undefined],
  ["vm-01 or vm-02, which is it?", undefined],
  ["on <!channel>", undefined],
  [`to vm-01 ${"x".repeat(400)}`, undefined],
])("%s", (text, command) => {
  expect(spokenRequest(text)).toBe(command);
});
