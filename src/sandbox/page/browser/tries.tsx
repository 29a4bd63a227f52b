// The first things to try, each one click away.

type Props = {
  onGo: (channel: string, person?: string) => void;
  onDraft: (text: string, at: string) => void;
};

const ASK = "/jit request vm-01 3389 2h for restarting the print spooler";

export function Tries({ onGo, onDraft }: Props) {
  const ask = (): void => {
    onGo("C0GENERAL", "U0ERIN");
    onDraft(ASK, "U0ERIN C0GENERAL");
    document.getElementById("composer")?.focus();
  };
  return (
    <section class="tries" aria-labelledby="tries-title">
      <h3 id="tries-title">Three things to try</h3>
      <ol>
        <li>
          <b>Request access.</b> You are Erin, an engineer.{" "}
          <button type="button" class="link" onClick={ask}>
            Type the command for me
          </button>{" "}
          and press Enter.
        </li>
        <li>
          <b>Decide.</b> In{" "}
          <button type="button" class="link" onClick={() => onGo("C0PROD")}>
            #prod-access
          </button>{" "}
          click Approve as Erin: refused. Then{" "}
          <button type="button" class="link" onClick={() => onGo("C0PROD", "U0LEAD")}>
            become Lea
          </button>
          , click it again, and watch the port open in Azure.
        </li>
        <li>
          <b>Make it hard.</b> Let Azure refuse, take Slack down, kill the bot mid-request, or jump
          an hour ahead to the end. The cards stay true.
        </li>
      </ol>
    </section>
  );
}
