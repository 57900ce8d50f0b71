// A small MCP server on standard input and output, which Codex starts as its own: two tools over a fixed list of notes.
// One tool's name is so long that, with the server's, it passes the 64 characters that chat servers allow.
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

const NOTES: Readonly<Record<string, string>> = { tea: "the tea is in the blue tin", key: "the key is under the mat" };

const server = new McpServer({ name: "notes", version: "1.0.0" });
const word = { word: z.string() };
const answer = (text: string): { content: { type: "text"; text: string }[] } => ({ content: [{ type: "text", text }] });
server.registerTool("read_note", { description: "Reads the note about a word.", inputSchema: word }, (input) =>
  answer(NOTES[input.word] ?? `there is no note about ${input.word}`),
);
server.registerTool(
  "count_the_characters_of_the_note_about_a_word",
  { description: "Counts the characters of a note.", inputSchema: word },
  (input) => answer(`${(NOTES[input.word] ?? "").length} characters`),
);
await server.connect(new StdioServerTransport());
