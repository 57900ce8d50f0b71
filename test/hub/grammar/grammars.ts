// Grammars for tests: those that Codex sends (0.169, as captured), and small ones for each construct.

/** The grammar of Codex's `apply_patch`. */
export const APPLY_PATCH = `start: begin_patch hunk+ end_patch
begin_patch: "*** Begin Patch" LF
end_patch: "*** End Patch" LF?

hunk: add_hunk | delete_hunk | update_hunk
add_hunk: "*** Add File: " filename LF add_line+
delete_hunk: "*** Delete File: " filename LF
update_hunk: "*** Update File: " filename LF change_move? change?

filename: /(.+)/
add_line: "+" /(.*)/ LF -> line

change_move: "*** Move to: " filename LF
change: (change_context | change_line)+ eof_line?
change_context: ("@@" | "@@ " /(.+)/) LF
change_line: ("+" | "-" | " ") /(.*)/ LF
eof_line: "*** End of File" LF

%import common.LF
`;

/** The grammar of Codex's code mode, \`exec\`: any text, with a first line that may be a pragma. */
export const EXEC = String.raw`
start: pragma_source | plain_source
pragma_source: PRAGMA_LINE NEWLINE SOURCE
plain_source: SOURCE

PRAGMA_LINE: /[ \t]*\/\/ @exec:[^\r\n]*/
NEWLINE: /\r?\n/
SOURCE: /[\s\S]+/
`;

/** A list of calls that uses all that is read beside: flags, ranges, counts, options, comments, priorities, what is ignored. */
export const CALLS = String.raw`
// A comment.
?start: call (";" call)~0..2 [";"]
!call.2: NAME "(" [argument ("," argument)*] ")"   # another
argument: "true"i -> yes
        | "no"
        | HEX_DIGIT~2
        | "\x41".."\u0043"
NAME.1: /[a-z_]\w{0,3}/
HEX_DIGIT: "0".."9" | "a".."f"
%import common (WS_INLINE, INT)
%ignore WS_INLINE
`;

/** A patch that fits, with quotes, backslashes, tabs, a control and characters far out. */
export const PATCH =
  '*** Begin Patch\n*** Add File: src/a "b" \\ c.ts\n+const x = "é\t\u001b🙂";\n+\n*** Update File: b\n*** Move to: c\n@@\n@@ def f():\n-a\n+b\n c\n*** End of File\n*** Delete File: d\n*** End Patch\n';
