/** What is needed of a folder to know its place. */
export interface PlacedFolder {
  id: string;
  /** `''` for a top folder. */
  parentId: string;
  name: string;
}

/** Display names from the top folder down, by folder id. A parent that is not in the list, or a circle, ends the path. */
export function folderPaths(folders: readonly PlacedFolder[]): Map<string, string[]> {
  const byId = new Map(folders.map((folder) => [folder.id, folder]));
  const paths = new Map<string, string[]>();
  for (const folder of folders) {
    const path: string[] = [];
    const passed = new Set<string>();
    for (
      let at: PlacedFolder | undefined = folder;
      at !== undefined && !passed.has(at.id);
      at = byId.get(at.parentId)
    ) {
      passed.add(at.id);
      path.unshift(at.name);
    }
    paths.set(folder.id, path);
  }
  return paths;
}
