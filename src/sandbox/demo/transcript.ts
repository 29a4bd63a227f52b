// placeholder
import type { DemoOptions } from "./world.ts";
export async function playTranscript(_say: (t: string) => void, _o: DemoOptions): Promise<number> {
  return 1;
}
