import { randomBytes } from 'node:crypto';

export interface FormData {
  headers: Record<string, string>;
  body: readonly Uint8Array[];
}

/**
 * One file as multipart/form-data (RFC 7578), around the chunks as they are: the photo is not copied. The file is
 * named by its kind alone; what it is called on a nurse's card is nobody's business at the other end.
 */
export function fileAsFormData(field: string, contentType: string, chunks: readonly Uint8Array[]): FormData {
  const boundary = `relevo-${randomBytes(18).toString('hex')}`;
  const fileName = `photo.${contentType.replace(/^image\//, '').replace('jpeg', 'jpg')}`;
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="${field}"; filename="${fileName}"\r\nContent-Type: ${contentType}\r\n\r\n`;
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: [encode(head), ...chunks, encode(`\r\n--${boundary}--\r\n`)],
  };
}
