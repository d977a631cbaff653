export interface Column { align?: 'left' | 'right' }

/** Cells that a terminal shows two columns wide: East Asian and emoji. Approximate, and only alignment depends on it. */
function width(text: string): number {
  let cells = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) cells += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60]|\p{Extended_Pictographic}/u.test(segment) ? 2 : 1;
  return cells;
}

/** Rows of text, aligned in columns two spaces apart. The last column is never padded. */
export function table(rows: readonly (readonly string[])[], columns: readonly Column[] = []): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, index) => { widths[index] = Math.max(widths[index] ?? 0, width(cell)); });
  return rows.map((row) => row.map((cell, index) => {
    const padding = ' '.repeat(widths[index]! - width(cell));
    if (columns[index]?.align === 'right') return padding + cell;
    return index === row.length - 1 ? cell : cell + padding;
  }).join('  ').trimEnd()).join('\n');
}
