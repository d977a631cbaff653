/** In pixels, both ways: enough for a tile on a screen of double density. */
const edge = 192;
/** What the contract takes; a photo's thumbnail is some 8 KB. */
const mostBytes = 65_536;
const atOnce = 2;
/** A huge or damaged file must not hold up the others. */
const limitMs = 12_000;

/**
 * Draws thumbnails one or two at a time, in the order given, apart from everything else: a photo that cannot be drawn
 * is only shown without its picture.
 */
export class ThumbnailMaker {
  readonly #jobs: { file: File; done: (bytes: Uint8Array<ArrayBuffer>) => void }[] = [];
  #running = 0;

  add(file: File, done: (bytes: Uint8Array<ArrayBuffer>) => void): void {
    this.#jobs.push({ file, done });
    this.#next();
  }

  #next(): void {
    while (this.#running < atOnce) {
      const job = this.#jobs.shift();
      if (!job) return;
      this.#running += 1;
      within(limitMs, makeThumbnail(job.file))
        .then((bytes) => { if (bytes) job.done(bytes); })
        .catch(() => undefined)
        .finally(() => {
          this.#running -= 1;
          this.#next();
        });
    }
  }
}

/** @throws DOMException where the bytes are no image that the browser knows, such as HEIC. */
async function makeThumbnail(file: File): Promise<Uint8Array<ArrayBuffer> | undefined> {
  // Decoded at a reduced size: JPEG does that in a fraction of the time and memory. The orientation in EXIF is applied.
  const bitmap = await createImageBitmap(file, { resizeWidth: edge * 2, resizeQuality: 'medium', imageOrientation: 'from-image' });
  const canvas = new OffscreenCanvas(edge, edge);
  const context = canvas.getContext('2d');
  if (!context) return undefined;
  const side = Math.min(bitmap.width, bitmap.height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, (bitmap.width - side) / 2, (bitmap.height - side) / 2, side, side, 0, 0, edge, edge);
  bitmap.close();
  for (const quality of [0.8, 0.4]) {
    const blob = await canvas.convertToBlob({ type: 'image/webp', quality });
    if (blob.size <= mostBytes) return new Uint8Array(await blob.arrayBuffer());
  }
  return undefined;
}

function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('took too long')), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
