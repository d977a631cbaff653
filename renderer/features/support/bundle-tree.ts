import type { BundlePreview } from '../../../shared/domain/support.ts';

export type BundleFile = BundlePreview['files'][number];
export interface BundleFolder {
  /** Empty for what lies at the top. */
  name: string;
  files: { name: string; file: BundleFile }[];
}

/** The files by their folder, the top first; folders inside folders keep their path as a name. */
export function bundleTree(files: readonly BundleFile[]): BundleFolder[] {
  const folders = new Map<string, BundleFolder>([['', { name: '', files: [] }]]);
  for (const file of files) {
    const cut = file.path.lastIndexOf('/');
    const name = file.path.slice(0, Math.max(0, cut));
    const folder = folders.get(name) ?? { name, files: [] };
    folder.files.push({ name: file.path.slice(cut + 1), file });
    folders.set(name, folder);
  }
  return [...folders.values()].filter((folder) => folder.files.length > 0);
}
