// The first things to try, each one click away.

type Props = {
  onGo: (channel: string, person?: string) => void;
  onDraft: (text: string, at: string) => void;
  onTour: () => void;
};

const FOUR = "/jit request bundle:shop 1h for the outage of the shop";
const LATER = "/jit request vm-01 3389 1h at tomorrow 9:00 for the monthly updates";
const FREEZE = "/jit freeze for a leaked key";
const FROZEN = "/jit request web-02 22 1h for a look at the disk";

export function Tries({ onGo, onDraft, onTour }: Props) {
  const types = (text: string, person: string, says: string) => {
    const draft = (): void => {
      onGo("C0GENERAL", person);
      onDraft(text, `${person} C0GENERAL`);
      document.getElementById("composer")?.focus();
    };
    return (
      <button type="button" class="link" onClick={draft}>
        {says}
      </button>
    );
  };
  const asLea = (
    <button type="button" class="link" onClick={() => onGo("C0PROD", "U0LEAD")}>
      become Lea in #prod-access
    </button>
  );
  return (
    <section class="tries" aria-labelledby="tries-title">
      <h3 id="tries-title">Three things to try</h3>
      <ol>
        <li>
          <b>Four machines, one request.</b> {types(FOUR, "U0ERIN", "Request them as Erin")} and
          press Enter. Then {asLea}, take Approve with changes (behind the three dots), leave one
          out, and watch three ports open in Azure. An admin{" "}
          {types("/jit end all", "U0ADMIN", "ends them all")}.
        </li>
        <li>
          <b>Tomorrow.</b> {types(LATER, "U0ERIN", "Request it for 9:00")}, {asLea} and approve.
          It's Ready, and opens by itself then: jump ahead by the hour, and see.
        </li>
        <li>
          <b>Pull the brake.</b> {types(FREEZE, "U0ADMIN", "Freeze as Ada")},{" "}
          {types(FROZEN, "U0ERIN", "request something as Erin")}, {asLea} and approve. It's Ready,
          and opens once Ada {types("/jit unfreeze", "U0ADMIN", "unfreezes")}.
        </li>
      </ol>
      <p>
        Or take the{" "}
        <button type="button" class="link" onClick={onTour}>
          guided tour
        </button>
        : it plays a request from beginning to end, and then all that can go wrong. The cards stay
        true.
      </p>
    </section>
  );
}
