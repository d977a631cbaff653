/** @file Looks through every byte of every file for what must not lie on a disk in clear. */
import { readFile, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';

export interface Trace { file: string; what: string }

/** Texts as programs write them: in UTF-8 and UTF-16, as they were given, in small and capital letters, with accents composed and apart, and folded for a search. */
export function spellings(text: string): Buffer[] {
  const forms = [text.normalize('NFC'), text.normalize('NFD'), text.normalize('NFD').replace(/\p{M}+/gu, '')];
  const cased = forms.flatMap((form) => [form, form.toLowerCase(), form.toUpperCase()]);
  const escaped = cased.flatMap((form) => [JSON.stringify(form).slice(1, -1), encodeURIComponent(form), [...form].map((letter) => (letter > '\x7f' ? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}` : letter)).join('')]);
  const base64 = forms.map((form) => Buffer.from(form).toString('base64').replace(/=+$/, ''));
  return [...new Set([...cased, ...escaped, ...base64])].flatMap((form) => [Buffer.from(form, 'utf8'), Buffer.from(form, 'utf16le')]);
}

/**
 * Heads of photos and thumbnails, and of tokens. Each of them is long enough not to occur by chance in a gigabyte of ciphertext, as the first
 * three bytes of a JPEG do in every 16 MB.
 */
const patterns: [what: string, RegExp][] = [
  ['a JPEG', /\xff\xd8\xff[\xe0-\xef]..(?:JFIF\0|Exif\0\0)/s],
  ['a JPEG without metadata', /\xff\xd8\xff\xdb\0[\x43\x84]\0/],
  ['EXIF', /Exif\0\0(?:II\*\0|MM\0\*)/],
  ['a PNG', /\x89PNG\r\n\x1a\n/],
  ['a WebP', /RIFF.{4}WEBPVP8/s],
  ['a token', /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/],
  ['a token in UTF-16', /e\0y\0J\0(?:[\w-]\0){10,}\.\0(?:[\w-]\0){10,}/],
];

/** @param secrets what each is called, and how it reads @param photos bytes of which no part may be found */
export async function tracesIn(folder: string, secrets: Record<string, string[]>, photos: Buffer[]): Promise<Trace[]> {
  const texts = Object.entries(secrets).flatMap(([what, values]) => values.flatMap((value) => spellings(value).map((bytes) => ({ what, bytes }))));
  // A photo's every sixteenth is looked for by a line of it, so that no piece of more than that can be missed.
  const lines = photos.flatMap((photo) => Array.from({ length: 16 }, (_, index) => photo.subarray(Math.floor((photo.length * index) / 16)).subarray(0, 48)));
  const found: Trace[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const file = relative(folder, path);
    const bytes = await readFile(path);
    const latin1 = bytes.toString('latin1');
    for (const [what, pattern] of patterns) if (pattern.test(latin1)) found.push({ file, what });
    for (const { what, bytes: text } of texts) if (bytes.includes(text)) found.push({ file, what });
    if (lines.some((line) => bytes.includes(line))) found.push({ file, what: 'a piece of a photo' });
    // A file may be called after somebody, too.
    for (const { what, bytes: text } of texts) if (Buffer.from(file).includes(text)) found.push({ file, what: `${what}, as its name` });
  }
  return [...new Map(found.map((trace) => [`${trace.file} ${trace.what}`, trace])).values()];
}
