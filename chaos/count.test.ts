import { describe, expect, it } from 'vitest';
import type { PhotoRecord, StoredObject } from '../sandbox/store-reader.ts';
import { countViolations, wrongClaims, type Ending } from './count.ts';

const source = (name: string) => ({ path: `/card/${name}.jpg`, patientId: 'p1', sizeBytes: 10, sha256: name });
const row = (name: string) => ({ id: `id-${name}`, patientId: 'p1', sha256: name, sizeBytes: 10 });
const object = (name: string): StoredObject => ({ key: `photos/${name}`, size: 10, etag: '', sha256: name });
const record = (name: string): PhotoRecord => ({
  id: `photo-${name}`, patientId: 'p1', clientUploadId: `id-${name}`, fileName: '', objectKey: `photos/${name}`, sizeBytes: 10, sha256: name,
  contentType: '', note: null, tags: [], capturedAt: null, uploadedAt: '',
});

const good: Ending = {
  promised: [source('a'), source('b')], photos: [record('a'), record('b')], objects: [object('a'), object('b')],
  unfinished: [], rows: [row('a'), row('b')], claimed: [row('a'), row('b')],
};
const kept = { lost: [], duplicated: [], corrupt: [], wronglyClaimed: [], unfinished: [] };

describe('what a crash run counts', () => {
  it('is nothing where every photo arrived once', () => {
    expect(countViolations(good)).toEqual(kept);
  });

  it('is a photo lost that was promised and is not in the store, also where only its record is', () => {
    const ending = { ...good, objects: [object('a')], claimed: [row('a')] };
    expect(countViolations(ending)).toEqual({ ...kept, lost: ['/card/b.jpg'] });
    expect(countViolations({ ...ending, photos: [record('a')] }).lost).toEqual(['/card/b.jpg']);
  });

  it('is a photo doubled: the same bytes twice, the same upload twice, or two rows that would send it twice', () => {
    const again = { ...record('a'), id: 'other', clientUploadId: 'other', objectKey: 'photos/other' };
    const objects = [...good.objects, { ...object('a'), key: 'photos/other' }];
    expect(countViolations({ ...good, photos: [...good.photos, again], objects }).duplicated).toEqual(['p1/a']);
    expect(countViolations({ ...good, photos: [...good.photos, { ...again, sha256: 'c', clientUploadId: 'id-a' }], objects }).duplicated).toEqual(['id-a']);
    expect(countViolations({ ...good, rows: [...good.rows, { ...row('a'), id: 'other' }] }).duplicated).toEqual(['p1/a']);
    // The same bytes of another patient are another photo.
    expect(countViolations({ ...good, photos: [...good.photos, { ...again, patientId: 'p2' }], objects }).duplicated).toEqual([]);
  });

  it('is a photo whose bytes in the store are others', () => {
    const violations = countViolations({ ...good, objects: [object('a'), { ...object('b'), sha256: 'x' }] });
    expect(violations).toEqual({ ...kept, corrupt: ['photos/b'], wronglyClaimed: ['p1/b'] });
  });

  it('is a claim of which the store knows nothing, or has less', () => {
    expect(wrongClaims([row('a'), row('c')], good.photos, good.objects)).toEqual(['p1/c']);
    expect(wrongClaims([row('a')], good.photos, [{ ...object('a'), size: 9 }])).toEqual(['p1/a']);
  });

  it('is what lies at the store and belongs to no photo', () => {
    const ending = { ...good, unfinished: [{ key: 'photos/d', uploadId: 'u' }], objects: [...good.objects, object('e')] };
    expect(countViolations(ending).unfinished).toEqual(['photos/d', 'photos/e']);
  });
});
