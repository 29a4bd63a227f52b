// What went over the wire between Slack, the bot and Azure; a line shows on demand what was said.

import { useState } from "preact/hooks";
import type { WireLine } from "../../page-state.ts";
import { wireDetail } from "../live-state.ts";
import { timeOf, useSeen } from "../seen.ts";

const NAMES = { slack: "Slack", bot: "bot", azure: "Azure" } as const;

export function Wire() {
  const { shown } = useSeen();
  const [hasLooks, setHasLooks] = useState(false);
  const lines = shown.wire.filter(({ isLook }) => hasLooks || !isLook).reverse();
  return (
    <>
      <label class="wire-filter">
        <input
          type="checkbox"
          checked={hasLooks}
          onChange={({ currentTarget }) => setHasLooks(currentTarget.checked)}
        />{" "}
        Include read-only calls
      </label>
      <ol class="wire" aria-label="Calls, latest first">
        {lines.map((line) => (
          <Line key={line.id} line={line} />
        ))}
      </ol>
      {lines.length === 0 ? <p class="nothing">Nothing has happened yet.</p> : null}
    </>
  );
}

function Line({ line }: { line: WireLine }) {
  const seen = useSeen();
  const [detail, setDetail] = useState<string>();
  const { id, atMs, from, to, what, outcome, isGood } = line;
  return (
    <li class={isGood ? "good" : "bad"}>
      <details
        onToggle={({ currentTarget }) => {
          if (!currentTarget.open || detail !== undefined) return;
          wireDetail(id).then(setDetail, (error: Error) => seen.say(error.message));
        }}
      >
        <summary>
          <time>{timeOf(seen, atMs)}</time>
          <span class={`way ${from}-${to}`}>
            {NAMES[from]} → {NAMES[to]}
          </span>
          <span class="what">{what}</span>
          <span class="outcome">{outcome}</span>
        </summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled by the keyboard */}
        <pre tabIndex={0}>{detail ?? "…"}</pre>
      </details>
    </li>
  );
}
