// The app's home tab.

import { useEffect } from "preact/hooks";
import { objectsIn } from "../../slack/json.ts";
import { Blocks } from "./blocks/block.tsx";
import { SurfaceContext } from "./blocks/surface.ts";
import { act } from "./live-state.ts";
import { useSeen } from "./seen.ts";

export function Home() {
  const { shown, me, say } = useSeen();
  const { home } = shown.slack;
  useEffect(() => {
    act("openHome", { user: me.id }).catch((error: Error) => say(error.message));
  }, [me.id]);
  if (!home) return <p class="nothing">The app hasn't shown anything here yet.</p>;
  return (
    <SurfaceContext.Provider
      value={{ place: { home: true }, values: home.values, errors: home.errors }}
    >
      <Blocks blocks={objectsIn(home.view.blocks)} />
    </SurfaceContext.Provider>
  );
}
