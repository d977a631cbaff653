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

  test.each(diagnosisCodes)('%s does not tell staff both to do nothing and to do something', (code) => {
    expect(diagnosisText('es', code).staff).not.toMatch(/[Nn]ada.*\b(Avise|avise|Pida|Envíe)/);
    expect(diagnosisText('en', code).staff).not.toMatch(/[Nn]othing.*\b([Tt]ell|[Aa]sk|[Ss]end the)/);
  });

  test('the rate limit says how long, even where the server did not', () => {
    expect(diagnosisText('es', 'RATE_LIMITED', { n: 30 }).sentence).toContain('30 s');
    expect(diagnosisText('en', 'RATE_LIMITED').sentence).toMatch(/\d+ s/);
  });
});
