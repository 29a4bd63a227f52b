// Which doors are open: to which port of which VM, for whom, from where, and for how long still.

import type { DoorShown } from "../../page-state.ts";
import { perform } from "../live-state.ts";
import { timeOf, useSeen } from "../seen.ts";

const STATUS = { opening: "Opening", open: "Open", closing: "Closing", shut: "Closed" } as const;

export function Doors() {
  const { shown } = useSeen();
  const { doors } = shown.azure;
  return (
    <section aria-label="Open ports">
      {doors.length === 0 ? (
        <p class="nothing">
          No port is open. A deny rule keeps every JIT port closed until access is approved.
        </p>
      ) : null}
      <ul class="doors" aria-live="polite">
        {doors.map((door) => (
          <Door key={door.key} door={door} />
        ))}
      </ul>
    </section>
  );
}

function Door({ door }: { door: DoorShown }) {
  const seen = useSeen();
  const { vm, vmId, port, status, endMs, startMs, sources, reason, requestor, justification } =
    door;
  const leftMs = Math.max(0, endMs - seen.nowMs);
  const part = Math.min(1, leftMs / Math.max(1, endMs - startMs));
  const isLive = status !== "shut";
  const shut = (): void => {
    perform({ do: "shut-in-portal", vm: vmId, port }).then(
      () => seen.say("Closed behind the bot's back. It checks what it opened every few seconds."),
      (error: Error) => seen.say(error.message),
    );
  };
  return (
    <li class={`door ${status}`}>
      <p class="door-head">
        <b>
          {vm}
          <span class="port">:{port}</span>
        </b>
        <span class="pill">{STATUS[status]}</span>
      </p>
      <p>
        from {sources.join(", ")}
        {isLive ? (
          <>
            {" "}
            until <b>{timeOf(seen, endMs)}</b>
          </>
        ) : (
          <>
            , closed at {timeOf(seen, endMs)} ({reason})
          </>
        )}
      </p>
      {isLive ? (
        <p class="left">
          <progress value={part} max={1} aria-label={`Time left on ${vm}`} />
          {/* Read every second, it would talk for ever. */}
          <span aria-hidden="true">{leftText(leftMs)}</span>
        </p>
      ) : null}
      <p class="why" title={justification}>
        {justification === "" ? requestor : justification}
      </p>
      {status === "open" ? (
        <button type="button" class="link" onClick={shut}>
          Close in the portal
        </button>
      ) : null}
    </li>
  );
}

function leftText(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3_600);
  return `${hours}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)} left`;
}
