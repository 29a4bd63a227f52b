// Reads the file of `jit enable`: lists of what could be typed after `/jit enable`, `change` and `disable`.

import { z } from "zod";
import { type PolicyCommand, policyVerbs } from "../domain/command/verbs/policy-verb.ts";
import { isRefusal } from "../domain/text/refusal.ts";
import { plain } from "../domain/text/words.ts";
import { type ConfigFault, inOrder, keyText } from "./config-fault.ts";
import { faultsOf, sentence } from "./policy-file/schema-issues.ts";
import { readYaml } from "./policy-file/yaml-positions.ts";

const VERBS = ["enable", "change", "disable"] as const;

const LINES_MAX = 500;
const line = z.string().min(1).max(2_000);
const Lines = z
  .array(line)
  .max(LINES_MAX)
  .meta({ examples: [["rg:rg-web 22 tcp max 3h from vpn"]] })
  .optional();

const EnableFile = z.strictObject({ enable: Lines, change: Lines, disable: Lines });

/** Answers the commands in the order in which to carry them out, or all errors at once. */
export function readEnableFile(
  text: string,
): { readonly commands: readonly PolicyCommand[] } | { readonly faults: readonly ConfigFault[] } {
  const { file, faults: written } = readYaml(text, "enable, change and disable");
  if (file === undefined) return { faults: inOrder(written) };
  const parsed = EnableFile.safeParse(file.value, { error: sentence });
  if (!parsed.success || written.length > 0) {
    return { faults: inOrder([...written, ...faultsOf(parsed.error?.issues ?? [], file)]) };
  }
  const faults: ConfigFault[] = [];
  const commands = VERBS.flatMap((verb) =>
    (parsed.data[verb] ?? []).flatMap((asked, index) => {
      const command = policyVerbs[verb].read(asked, 0);
      if (!isRefusal(command)) return [command];
      const path = [verb, index];
      const message = plain(command.say).replaceAll("/jit ", "");
      faults.push({ ...file.whereValue(path), key: keyText(path), message });
      return [];
    }),
  );
  return faults.length > 0 ? { faults: inOrder(faults) } : { commands };
}
