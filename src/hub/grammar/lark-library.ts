// What `%import common.NAME` brings: the terminals of Lark's common library, each as an expression of the same language
// (https://github.com/lark-parser/lark/blob/master/lark/grammars/common.lark). Promises no lookaround, which Lark's own have.
import type { Expression } from "./expression.ts";
import { readRegex } from "./regex.ts";

const COMMON: Record<string, string> = {
  DIGIT: "[0-9]",
  HEXDIGIT: "[a-fA-F0-9]",
  INT: "[0-9]+",
  SIGNED_INT: "[+-]?[0-9]+",
  DECIMAL: "[0-9]+\\.[0-9]*|\\.[0-9]+",
  FLOAT: "[0-9]+[eE][+-]?[0-9]+|([0-9]+\\.[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?",
  SIGNED_FLOAT: "[+-]?([0-9]+[eE][+-]?[0-9]+|([0-9]+\\.[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?)",
  NUMBER: "([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?",
  SIGNED_NUMBER: "[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?",
  ESCAPED_STRING: '"([^"\\\\\\n]|\\\\.)*"',
  LCASE_LETTER: "[a-z]",
  UCASE_LETTER: "[A-Z]",
  LETTER: "[a-zA-Z]",
  WORD: "[a-zA-Z]+",
  CNAME: "[_a-zA-Z][_a-zA-Z0-9]*",
  WS_INLINE: "[ \\t]+",
  WS: "[ \\t\\f\\r\\n]+",
  CR: "\\r",
  LF: "\\n",
  NEWLINE: "(\\r?\\n)+",
  SH_COMMENT: "#[^\\n]*",
  CPP_COMMENT: "//[^\\n]*",
  SQL_COMMENT: "--[^\\n]*",
  C_COMMENT: "/\\*([^*]|\\*+[^*/])*\\*+/",
};

/** The terminal of that name; undefined where the library has none. */
export function commonTerminal(name: string): Expression | undefined {
  const pattern = COMMON[name];
  return pattern === undefined ? undefined : readRegex(pattern);
}
