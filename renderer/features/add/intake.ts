/** What somebody dropped, chose or pasted, sorted by how the engine can read it. */
export interface Intake {
  /** Files and folders on the disk. */
  paths: string[];
  /** Pictures that are only in memory. */
  loose: File[];
  /** What to draw thumbnails from, by path. Grows while dropped folders are being walked. */
  files: Map<string, File>;
  /** There may be more photos than `paths` says. */
  hasFolder: boolean;
  skipped: number;
}

/** The engine walks folders itself; for their thumbnails the window walks along, but not without end. */
const mostFilesWalked = 2000;

const photoName = /\.(jpe?g|jfif|png|webp|hei[cf])$/i;

type PathOf = (file: File) => string;

/** @param data of a drop or a paste; read before the event ends, since it is empty afterwards */
export function fromTransfer(data: DataTransfer, pathOf: PathOf): Intake {
  const intake = fromFiles([...data.files], pathOf);
  const entries = [...data.items].flatMap((item) => (item.kind === 'file' ? item.webkitGetAsEntry() ?? [] : []));
  const folders = entries.filter(isFolder);
  intake.hasFolder = folders.length > 0;
  if (folders.length > 0) void walk(folders, intake.files, pathOf);
  return intake;
}

export function fromFiles(files: readonly File[], pathOf: PathOf): Intake {
  const intake: Intake = { paths: [], loose: [], files: new Map(), hasFolder: false, skipped: 0 };
  for (const file of files) {
    const path = pathOf(file);
    if (path) {
      intake.paths.push(path);
      intake.files.set(path, file);
    } else {
      intake.loose.push(file);
    }
  }
  return intake;
}

/**
 * A folder from the system's dialog arrives as all its files. Only what is named like a photo is offered: a camera's card
 * is full of its own bookkeeping, and forty refusals would hide the one that matters.
 */
export function fromFolder(files: readonly File[], pathOf: PathOf): Intake {
  const photos = files.filter(({ name }) => photoName.test(name) && !name.startsWith('.'));
  return { ...fromFiles(photos, pathOf), hasFolder: true, skipped: files.length - photos.length };
}

/** How many photos it is at least. */
export function countOf(intake: Intake): number {
  return intake.paths.length + intake.loose.length;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

async function walk(folders: FileSystemDirectoryEntry[], files: Map<string, File>, pathOf: PathOf): Promise<void> {
  const open = [...folders];
  for (let folder = open.shift(); folder && files.size < mostFilesWalked; folder = open.shift()) {
    const reader = folder.createReader();
    for (;;) {
      // Each call gives some hundred at most; an empty answer is the end. What cannot be read has no thumbnail.
      const entries = await new Promise<FileSystemEntry[]>((resolve) => reader.readEntries(resolve, () => resolve([])));
      if (entries.length === 0 || files.size >= mostFilesWalked) break;
      for (const entry of entries) {
        if (isFolder(entry)) open.push(entry);
        else if (photoName.test(entry.name)) await keep(entry as FileSystemFileEntry, files, pathOf);
      }
    }
  }
}

async function keep(entry: FileSystemFileEntry, files: Map<string, File>, pathOf: PathOf): Promise<void> {
  const file = await new Promise<File | undefined>((resolve) => entry.file(resolve, () => resolve(undefined)));
  const path = file && pathOf(file);
  if (path) files.set(path, file);
}
