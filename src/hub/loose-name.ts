// Names that differ only in how they are spelled: case, underscores, hyphens.

/** A name without what spellings differ in: equal for `readFile`, `read_file` and `Read-File`. */
export function looseName(name: string): string {
  return name.replace(/[_-]/g, "").toLowerCase();
}
