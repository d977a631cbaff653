import { describe, expect, test } from 'vitest';
import { diagnosisCodes } from '../domain/diagnosis.ts';
import { diagnosisText } from './diagnoses.ts';

describe('texts of the diagnoses', () => {
  test.each(diagnosisCodes)('%s has all three texts in both languages, and they are not the same', (code) => {
    const spanish = diagnosisText('es', code, { n: 7 });
    const english = diagnosisText('en', code, { n: 7 });
    for (const text of [spanish, english]) {
      for (const sentence of Object.values(text)) {
        expect(sentence).toMatch(/\S.{4,}[.]$/);
        expect(sentence).not.toMatch(/[{}]/);
      }
    }
    expect(spanish.sentence).not.toBe(english.sentence);
  });

  test('the rate limit says how long, even where the server did not', () => {
    expect(diagnosisText('es', 'RATE_LIMITED', { n: 30 }).sentence).toContain('30 s');
    expect(diagnosisText('en', 'RATE_LIMITED').sentence).toMatch(/\d+ s/);
  });
});
