import type { Locator } from 'playwright';

/**
 * Drops files from the disk on an element as a person does: through the browser's own drag and drop, so that the page gets real
 * `File`s with a path behind each, which a synthetic `DataTransfer` cannot have.
 */
export async function dropFiles(target: Locator, files: string[]): Promise<void> {
  const page = target.page();
  const box = await target.boundingBox();
  if (!box) throw new Error('The element to drop on is not to be seen');
  const session = await page.context().newCDPSession(page);
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2, data: { items: [], files, dragOperationsMask: 1 } };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) await session.send('Input.dispatchDragEvent', { type, ...at });
  await session.detach();
}
