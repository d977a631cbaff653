const emptyXmp = Buffer.from('<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>');
const xmpEnd = Buffer.from('<?xpacket end="w"?>');
const resourceMark = '8BIM';
/** IPTC, EXIF in two places, XMP. Source: Adobe Photoshop File Formats Specification, image resource IDs. */
const privateResources = [0x0404, 0x0422, 0x0423, 0x0424];

/**
 * An XMP packet of the same length that says nothing, padded with spaces as XMP allows. XMP can hold a place in dozens of
 * properties of a dozen vocabularies, and in ones that makers have made up, so none of it is kept.
 */
export function blankXmp(length: number): Buffer {
  const blank = Buffer.alloc(length, ' ');
  if (length >= emptyXmp.length + xmpEnd.length) {
    emptyXmp.copy(blank);
    xmpEnd.copy(blank, length - xmpEnd.length);
  }
  return blank;
}

/**
 * Photoshop's resources (what follows `Photoshop 3.0\0`) with IPTC, EXIF and XMP among them filled with zeros; from the first that is
 * not understood on, everything. Of the same length. Never throws.
 */
export function scrubResources(resources: Uint8Array): Buffer {
  const target = Buffer.from(resources);
  let at = 0;
  while (at < target.length) {
    const nameBytes = target[at + 6] ?? 0;
    const sizeAt = at + 6 + nameBytes + 1 + ((nameBytes + 1) & 1);
    if (target.toString('latin1', at, at + 4) !== resourceMark || sizeAt + 4 > target.length) break;
    const start = sizeAt + 4;
    const size = target.readUInt32BE(sizeAt);
    if (start + size > target.length) break;
    if (privateResources.includes(target.readUInt16BE(at + 4))) target.fill(0, start, start + size);
    at = start + size + (size & 1);
  }
  return at < target.length ? target.fill(0, at) : target;
}
