// Modals, end to end with a real Bolt app: filling in, submitting, and what comes of it.

import type { ViewResponseAction } from "@slack/bolt";
import { describe, expect, it } from "vitest";
import type { SimulatedSlack } from "../../../src/sandbox/slack/start.ts";
import { ERIN as erin, FORM, input, opened, plain } from "./openedForm.ts";

async function fill(slack: SimulatedSlack) {
  await slack.suggest({ ...erin, actionId: "vm.pick", text: "web" });
  return { "vm.pick": "web-02", ports: "3389" };
}

describe("filling in", () => {
  it("asks the app for options, from the least length on", async () => {
    const { slack } = await opened();
    const short = await slack.suggest({ ...erin, actionId: "vm.pick", text: "" });
    expect(short).toEqual({ sent: false });
    const asked = await slack.suggest({ ...erin, actionId: "vm.pick", text: "web" });
    expect(asked).toMatchObject({ options: [{ value: "web-01" }, { value: "web-02" }] });
  });

  it("takes only what is offered", async () => {
    const { slack } = await opened();
    const values = await fill(slack);
    const submit = slack.submitView({ ...erin, values: { ...values, "vm.pick": "db-01" } });
    await expect(submit).rejects.toThrow('"db-01" is not offered here; offered: web-01, web-02');
  });

  it("tells the app at once where an input asks for that, and only there", async () => {
    const { slack, seen } = await opened();
    const quiet = await slack.select({ ...erin, actionId: "ports.type", value: "22" });
    expect(quiet).toEqual({ sent: false });
    await slack.select({ ...erin, actionId: "duration.pick", value: "2h" });
    const state = seen.actions[0]?.view?.state.values;
    expect(state?.duration?.["duration.pick"]?.selected_option?.value).toBe("2h");
    expect(state?.ports?.["ports.type"]?.value).toBe("22");
    expect(seen.actions[0]).toMatchObject({ container: { type: "view" } });
    expect(seen.actions[0]).not.toHaveProperty("response_url");
  });

  it("keeps what was typed when the app updates the view, and not what has other ids", async () => {
    const { slack, client } = await opened();
    await slack.select({ ...erin, actionId: "ports.type", value: "22" });
    const modal = slack.modal("U0ERIN");
    const ports = { type: "plain_text_input", action_id: "ports.type", initial_value: "3389" };
    const blocks = [input("ports", ports), input("ports2", ports)];
    await client.views.update({ view_id: modal?.id ?? "", view: { ...FORM, blocks } as never });
    expect(modal?.values.ports?.["ports.type"]).toMatchObject({ value: "22" });
    expect(modal?.values.ports2?.["ports.type"]).toMatchObject({ value: "3389" });
  });
});

describe("submitting", () => {
  it("sends the whole state and closes the modal", async () => {
    const { slack, seen } = await opened();
    const result = await slack.submitView({ ...erin, values: await fill(slack) });
    expect(result.outcome).toBe("closed");
    expect(slack.modal("U0ERIN")).toBeUndefined();
    expect(seen.submissions[0]).toMatchObject({
      type: "view_submission",
      user: { id: "U0ERIN", team_id: "T0HOME" },
      view: {
        callback_id: "request",
        private_metadata: "secret",
        state: {
          values: {
            vm: { "vm.pick": { type: "external_select", selected_option: { value: "web-02" } } },
            ports: { "ports.type": { value: "3389" } },
            duration: { "duration.pick": { selected_option: { value: "1h" } } },
            reason: { "reason.type": { value: null } },
          },
        },
      },
    });
  });

  it("is refused by Slack's client where something required is missing or too long", async () => {
    const { slack, seen } = await opened();
    const result = await slack.submitView({ ...erin, values: { ports: "x".repeat(21) } });
    expect(result).toEqual({
      outcome: "refused",
      errors: {
        vm: "Please complete this required field.",
        ports: "Please enter at most 20 characters.",
      },
    });
    expect(seen.submissions).toEqual([]);
    expect(slack.deliveries.filter((one) => one.type === "view_submission")).toEqual([]);
  });

  const other = { type: "modal" as const, title: plain("Next"), blocks: [] };
  const OUTCOMES: [outcome: string, answer: ViewResponseAction, titles: string[]][] = [
    [
      "errors",
      { response_action: "errors", errors: { ports: "no such port" } },
      ["Request access"],
    ],
    ["updated", { response_action: "update", view: other }, ["Next"]],
    ["pushed", { response_action: "push", view: other }, ["Request access", "Next"]],
    ["cleared", { response_action: "clear" }, []],
    ["trouble", { response_action: "errors", errors: { nowhere: "x" } }, ["Request access"]],
    [
      "trouble",
      { response_action: "update", view: { ...other, title: plain("x".repeat(25)) } },
      ["Request access"],
    ],
    ["trouble", { response_action: "dance" } as never, ["Request access"]],
  ];

  it.each(OUTCOMES)("ends as %s on the app's answer", async (outcome, answer, titles) => {
    const { slack } = await opened(answer);
    const result = await slack.submitView({ ...erin, values: await fill(slack) });
    expect(result.outcome).toBe(outcome);
    const shown = slack.modals("U0ERIN").map((one) => (one.view.title as { text: string }).text);
    expect(shown).toEqual(titles);
  });

  it("shows errors beneath the inputs", async () => {
    const { slack } = await opened({
      response_action: "errors",
      errors: { ports: "no such port" },
    });
    await slack.submitView({ ...erin, values: await fill(slack) });
    expect(slack.modal("U0ERIN")?.errors).toEqual({ ports: "no such port" });
  });

  it("keeps the modal open where the app fails", async () => {
    const { slack } = await opened();
    const values = await fill(slack);
    slack.setEventsUrl("http://127.0.0.1:1/");
    const result = await slack.submitView({ ...erin, values });
    expect(result).toMatchObject({
      outcome: "trouble",
      trouble: expect.stringContaining("trouble"),
    });
    expect(slack.modal("U0ERIN")).toBeDefined();
  });

  it("can be forged", async () => {
    const { slack, seen } = await opened();
    const forge = { privateMetadata: "forged", userId: "U0SAM" };
    await slack.submitView({ ...erin, values: await fill(slack), forge });
    expect(seen.submissions[0]).toMatchObject({
      user: { id: "U0SAM" },
      view: { private_metadata: "forged" },
    });
  });
});
