/** Where the items of a folder of the point go. */
export interface TargetFolder {
  id: string;
  /** Display names in the target, from the top folder down. */
  path: string[];
  /** Nothing can be created in it. */
  isReadOnly: boolean;
}
