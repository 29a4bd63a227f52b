// Renders the blocks of messages, forms and home tabs.

import { asObject, asText, type Json, objectsIn, textAt } from "../../../slack/json.ts";
import { Element } from "./element.tsx";
import { RichText } from "./rich-text.tsx";
import { blockIdOf, domIdOf, useSurface } from "./surface.ts";
import { Text } from "./text-object.tsx";

export function Blocks({ blocks }: { blocks: Json[] }) {
  return (
    <>
      {blocks.map((block, index) => (
        <Block key={`${asText(block.block_id) ?? index} ${String(block.type)}`} block={block} />
      ))}
    </>
  );
}

function Block({ block }: { block: Json }) {
  switch (block.type) {
    case "header":
      return (
        <h3 class="block-header">
          <Text of={block.text} />
        </h3>
      );
    case "section":
      return <Section block={block} />;
    case "context":
      return <Context block={block} />;
    case "actions":
      return (
        <div class="block-actions">
          {objectsIn(block.elements).map((element) => (
            <Element key={String(element.action_id)} placed={{ block, element }} />
          ))}
        </div>
      );
    case "input":
      return <Input block={block} />;
    case "divider":
      return <hr />;
    case "image":
      return (
        <figure>
          <Image of={block} />
          {block.title ? <figcaption>{textAt(block, "title", "text")}</figcaption> : null}
        </figure>
      );
    case "rich_text":
      return <RichText block={block} />;
    case "markdown":
      return <p class="lines">{asText(block.text)}</p>;
    default:
      return <p class="unknown">A {String(block.type)} block, which this page doesn't draw.</p>;
  }
}

function Section({ block }: { block: Json }) {
  const fields = objectsIn(block.fields);
  const accessory = asObject(block.accessory);
  return (
    <div class={accessory ? "block-section has-accessory" : "block-section"}>
      <div class="block-text">
        {block.text ? <Text of={block.text} /> : null}
        {fields.length > 0 ? (
          <div class="block-fields">
            {fields.map((field, index) => (
              <div key={index}>
                <Text of={field} />
              </div>
            ))}
          </div>
        ) : null}
      </div>
      {accessory?.type === "image" ? <Image of={accessory} /> : null}
      {accessory && accessory.type !== "image" ? (
        <Element placed={{ block, element: accessory }} />
      ) : null}
    </div>
  );
}

function Context({ block }: { block: Json }) {
  return (
    <div class="block-context">
      {objectsIn(block.elements).map((one, index) =>
        one.type === "image" ? (
          <Image key={index} of={one} />
        ) : (
          <span key={index}>
            <Text of={one} />
          </span>
        ),
      )}
    </div>
  );
}

function Image({ of }: { of: Json }) {
  return <img src={asText(of.image_url) ?? ""} alt={asText(of.alt_text) ?? ""} />;
}

const GROUPS = ["checkboxes", "radio_buttons"];

function Input({ block }: { block: Json }) {
  const { errors } = useSurface();
  const element = asObject(block.element) ?? {};
  const placed = { block, element };
  const id = domIdOf(placed);
  const error = errors[blockIdOf(placed)];
  const isGroup = GROUPS.includes(String(element.type));
  const label = (
    <>
      <Text of={block.label} />
      {block.optional === true ? <span class="optional"> (optional)</span> : null}
    </>
  );
  const beneath = (
    <>
      {error === undefined ? null : (
        <p class="input-error" id={`${id}-error`}>
          {error}
        </p>
      )}
      {block.hint ? (
        <p class="input-hint" id={`${id}-hint`}>
          <Text of={block.hint} />
        </p>
      ) : null}
    </>
  );
  if (isGroup) {
    return (
      <fieldset class="block-input" data-block={blockIdOf(placed)}>
        <legend>{label}</legend>
        <Element placed={placed} />
        {beneath}
      </fieldset>
    );
  }
  return (
    <div class="block-input" data-block={blockIdOf(placed)}>
      <label for={id}>{label}</label>
      <Element placed={placed} />
      {beneath}
    </div>
  );
}
