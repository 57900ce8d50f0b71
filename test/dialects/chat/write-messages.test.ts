// The conversation as chat messages: roles in an order that strict templates take, and nothing lost.
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/kit/json.ts";
import { developer, messages, said, user, write } from "./write.ts";

const IMAGE = "data:image/png;base64,AA==";
const image: JsonObject = { type: "input_image", image_url: IMAGE };
const ANYWHERE = { capabilities: { systemMessages: "anywhere" as const } };

describe("system messages", () => {
  test("first: instructions and leading developer messages are one", () => {
    expect(
      messages(
        [developer("Be kind."), { type: "message", role: "system", content: "Be brief." }, user("Hi")],
        {},
        { instructions: "You are." },
      ),
    ).toEqual([
      { role: "system", content: "You are.\n\nBe kind.\n\nBe brief." },
      { role: "user", content: "Hi" },
    ]);
  });

  test("first: a later one is a user message that says so, merged with its neighbours", () => {
    const { messages: written, losses } = write({
      input: [user("Hi"), developer("Now in French."), user("Go on"), said("Oui"), developer("Stop.")],
    });
    expect(written).toEqual([
      { role: "user", content: "Hi\n\n[developer message]\nNow in French.\n\nGo on" },
      { role: "assistant", content: "Oui" },
      { role: "user", content: "[developer message]\nStop." },
    ]);
    expect(losses).toEqual(["lowered message.developer"]);
  });

  test("anywhere: each where it stands", () => {
    const { messages: written, losses } = write(
      { instructions: "You are.", input: [developer("Be kind."), user("Hi"), developer("Now in French."), user("Go on")] },
      ANYWHERE,
    );
    expect(written).toEqual([
      { role: "system", content: "You are." },
      { role: "system", content: "Be kind." },
      { role: "user", content: "Hi" },
      { role: "system", content: "Now in French." },
      { role: "user", content: "Go on" },
    ]);
    expect(losses).toEqual([]);
  });

  test("none where nobody wrote one", () => {
    expect(messages([user("Hi")], {}, { instructions: "" })).toEqual([{ role: "user", content: "Hi" }]);
  });

  test("a picture in one leaves a word in its place", () => {
    for (const options of [{}, ANYWHERE]) {
      const { messages: written, losses } = write(
        { input: [{ type: "message", role: "developer", content: [{ type: "input_text", text: "See" }, image] }, user("Hi")] },
        options,
      );
      expect(written[0]?.["content"]).toMatch(/^See\n\[image omitted: .+\]$/);
      expect(losses).toEqual(["dropped input_image"]);
    }
  });
});

describe("user messages", () => {
  test("in a row are one for strict templates, two elsewhere", () => {
    expect(messages([user("a"), user("b")])).toEqual([{ role: "user", content: "a\n\nb" }]);
    expect(messages([user("a"), user("b")], ANYWHERE)).toHaveLength(2);
  });

  test("with pictures keep their parts in order, also when merged", () => {
    expect(
      messages([
        user("a"),
        user([
          { type: "input_text", text: "b" },
          { ...image, detail: "high" },
          { ...image, detail: "original" },
        ]),
      ]),
    ).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
          { type: "image_url", image_url: { url: IMAGE, detail: "high" } },
          { type: "image_url", image_url: { url: IMAGE, detail: "high" } },
        ],
      },
    ]);
  });

  test("of several texts are text", () => {
    expect(
      messages([
        user([
          { type: "input_text", text: "a" },
          { type: "input_text", text: "b" },
        ]),
      ]),
    ).toEqual([{ role: "user", content: "a\nb" }]);
  });

  test("from another agent say whose they are", () => {
    const item = { type: "agent_message", author: "a", recipient: "b", content: [{ type: "input_text", text: "Hi" }] };
    expect(messages([item])).toEqual([{ role: "user", content: "Message from a to b:\nHi" }]);
  });
});

describe("parts that the target cannot take", () => {
  test.each<[string, JsonObject, object, unknown, string]>([
    ["a picture", image, { images: false }, "[image omitted: this model takes no images]", "dropped input_image"],
    [
      "a picture by id",
      { type: "input_image", file_id: "file_1" },
      {},
      "[image omitted: an image by file id cannot be sent to this provider]",
      "dropped input_image",
    ],
    [
      "a file",
      { type: "input_file", file_data: "data:application/pdf;base64,AA==", filename: "a.pdf" },
      {},
      "[file omitted: this model takes no files]",
      "dropped input_file",
    ],
    [
      "a file by URL",
      { type: "input_file", file_url: "https://a.example/b.pdf" },
      { files: true },
      "[file omitted: a file by URL or id cannot be sent to this provider]",
      "dropped input_file",
    ],
    [
      "a file of text",
      { type: "input_file", file_data: `data:text/plain;base64,${Buffer.from("héllo").toString("base64")}`, filename: "a.txt" },
      {},
      "a.txt:\nhéllo",
      "lowered input_file",
    ],
    [
      "sound",
      { type: "input_audio", input_audio: { data: "AA==", format: "wav" } },
      {},
      "[audio omitted: this model takes no sound]",
      "dropped input_audio",
    ],
  ])("%s leaves a word and a loss", (_name, part, capabilities, content, loss) => {
    const { messages: written, losses } = write({ input: [user([part])] }, { capabilities });
    expect(written).toEqual([{ role: "user", content }]);
    expect(losses).toEqual([loss]);
  });

  test("go where they can", () => {
    const parts = [
      { type: "input_file", file_data: "data:application/pdf;base64,AA==", filename: "a.pdf" },
      { type: "input_audio", input_audio: { data: "AA==", format: "wav" } },
    ];
    expect(messages([user(parts)], { capabilities: { files: true, audio: true } })[0]?.["content"]).toEqual([
      { type: "file", file: { file_data: "data:application/pdf;base64,AA==", filename: "a.pdf" } },
      { type: "input_audio", input_audio: { data: "AA==", format: "wav" } },
    ]);
  });
});

describe("assistant messages", () => {
  test("two in a row are told apart by a blank line; parts of one are not", () => {
    const parts = {
      type: "message",
      role: "assistant",
      content: [
        { type: "output_text", text: "a" },
        { type: "refusal", refusal: "b" },
      ],
    };
    expect(messages([user("Hi"), parts, said("c")])[1]).toEqual({ role: "assistant", content: "ab\n\nc" });
  });

  test("as plain strings are read", () => {
    expect(messages([user("Hi"), { role: "assistant", content: "Yes" }, user("Ok")])).toEqual([
      { role: "user", content: "Hi" },
      { role: "assistant", content: "Yes" },
      { role: "user", content: "Ok" },
    ]);
  });
});
