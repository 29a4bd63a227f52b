// The stack of open modals: hashes, closing, its height, and ids of the app's own.

import { describe, expect, it } from "vitest";
import { ERIN as erin, FORM, opened } from "./openedForm.ts";
import { refusalOf } from "./support.ts";

describe("the stack", () => {
  it("refuses updates with an old hash, and of views that are closed", async () => {
    const { slack, client } = await opened();
    const { id: view_id = "", hash } = slack.modal("U0ERIN") ?? {};
    const view = FORM as never;
    await client.views.update({ view_id, view, hash: hash ?? "" });
    const stale = client.views.update({ view_id, view, hash: hash ?? "" });
    expect(await refusalOf(stale)).toBe("hash_conflict");
    await slack.closeView(erin);
    expect(await refusalOf(client.views.update({ view_id, view }))).toBe("not_found");
  });

  it("tells the app of a closed modal where the view asks for it", async () => {
    const { slack, seen } = await opened();
    const id = slack.modal("U0ERIN")?.id;
    await slack.closeView(erin);
    expect(seen.closed).toEqual([id]);
  });

  it("holds three modals and no more", async () => {
    const { slack, client } = await opened();
    const push = async () => {
      const acted = await slack.select({ ...erin, actionId: "duration.pick", value: "2h" });
      const trigger_id = "triggerId" in acted ? (acted.triggerId ?? "") : "";
      return client.views.push({ trigger_id, view: FORM as never });
    };
    const second = await push();
    expect(second.view).toMatchObject({ previous_view_id: slack.modals("U0ERIN")[0]?.id });
    await push();
    expect(slack.modals("U0ERIN")).toHaveLength(3);
    expect(await refusalOf(push())).toBe("push_limit_reached");
  });

  it("refuses an external id that another view has", async () => {
    const { slack, client } = await opened();
    const view = { type: "home" as const, external_id: "mine", blocks: [] };
    await client.views.publish({ user_id: "U0ERIN", view });
    await client.views.publish({ user_id: "U0ERIN", view });
    const taken = client.views.publish({ user_id: "U0SAM", view });
    expect(await refusalOf(taken)).toBe("duplicate_external_id");
    expect(slack.home("U0SAM")).toBeUndefined();
  });
});
