/** In pixels, both ways: enough for a tile on a screen of double density. */
const edge = 192;
const previewWidth = 480;
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

  clear(): void {
    this.#jobs.length = 0;
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
  const side = Math.min(bitmap.width, bitmap.height);
  const canvas = draw(bitmap, edge, edge, side, side);
  for (const quality of [0.8, 0.4]) {
    const blob = await canvas?.convertToBlob({ type: 'image/webp', quality });
    if (blob && blob.size <= mostBytes) return new Uint8Array(await blob.arrayBuffer());
  }
  return undefined;
}

/**
 * The whole picture, at a size to be looked at in a dialog.
 *
 * @throws DOMException as above.
 */
export async function makePreview(file: File): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const bitmap = await within(limitMs, createImageBitmap(file, { resizeWidth: previewWidth, resizeQuality: 'medium', imageOrientation: 'from-image' }));
  const blob = await draw(bitmap, bitmap.width, bitmap.height, bitmap.width, bitmap.height)?.convertToBlob({ type: 'image/webp', quality: 0.85 });
  return blob && new Uint8Array(await blob.arrayBuffer());
}

/** The middle of it, `fromWidth` × `fromHeight`, on a canvas of its own. The bitmap is given up. */
function draw(bitmap: ImageBitmap, width: number, height: number, fromWidth: number, fromHeight: number): OffscreenCanvas | undefined {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (context) {
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, (bitmap.width - fromWidth) / 2, (bitmap.height - fromHeight) / 2, fromWidth, fromHeight, 0, 0, width, height);
  }
  bitmap.close();
  return context ? canvas : undefined;
}

function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('took too long')), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
