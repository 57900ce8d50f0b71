// One call at a time, for a client that asked for no more: of several calls that an upstream makes at once the first is kept.
import type { Piece } from "./piece.ts";

/** Takes the pieces of one reply and gives those that are left. */
export type FirstCall = (pieces: readonly Piece[]) => Piece[];

/** A filter for one reply; `onDropped` is told of each call that is left out. */
export function createFirstCall(onDropped: () => void): FirstCall {
  let kept: number | undefined;
  return (pieces) =>
    pieces.filter((piece) => {
      if (piece.kind !== "call" && piece.kind !== "args" && piece.kind !== "call_end") return true;
      if (piece.kind === "call") kept ??= piece.key;
      if (piece.kind === "call" && piece.key !== kept) onDropped();
      return kept === undefined || piece.key === kept;
    });
}
