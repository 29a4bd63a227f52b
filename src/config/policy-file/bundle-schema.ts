// Bundles of the policy file: VMs that people request together, by one name.

import { z } from "zod";
import { shown } from "../config-fault.ts";
import { PatternText, TagNameText, TagValues } from "./schema-parts.ts";

/** It is typed after `bundle:`. */
const BUNDLE_NAME = /^[A-Za-z][A-Za-z0-9._-]{0,62}$/;

const BundleName = z
  .string()
  .meta({ pattern: BUNDLE_NAME.source })
  .superRefine((name, context) => {
    if (!BUNDLE_NAME.test(name)) {
      context.addIssue(
        `${shown(name)} can't be a bundle's name: begin with a letter, then use letters, digits, ` +
          "dots, dashes and underscores.",
      );
    }
  });

const EMPTY_VALUES = "This list is empty: name at least one value, or remove the tag.";

const Bundle = z
  .strictObject({
    vms: z
      .array(PatternText)
      .default([])
      .meta({ description: "Names of VMs. Globs, any case.", examples: [["shop-*"]] }),
    resourceGroups: z
      .array(PatternText)
      .default([])
      .meta({ description: "Resource groups. Globs, any case.", examples: [["rg-shop"]] }),
    tags: z
      .record(TagNameText, TagValues(EMPTY_VALUES))
      .default({})
      .meta({
        description: "Every tag named must have one of the values. Globs, any case.",
        examples: [{ app: "shop" }],
      }),
  })
  .refine(
    ({ vms, resourceGroups, tags }) =>
      vms.length + resourceGroups.length + Object.keys(tags).length > 0,
    "This bundle names no VM: give vms, resourceGroups or tags.",
  )
  .meta({
    anyOf: [
      ...["vms", "resourceGroups"].map((key) => ({
        required: [key],
        properties: { [key]: { minItems: 1 } },
      })),
      { required: ["tags"], properties: { tags: { minProperties: 1 } } },
    ],
  });

export const Bundles = z
  .record(BundleName, Bundle)
  .prefault({})
  .meta({
    description:
      "VMs that are requested together, as /jit request bundle:shop. Every key given must match.",
    examples: [{ shop: { resourceGroups: ["rg-shop"] } }],
  });
