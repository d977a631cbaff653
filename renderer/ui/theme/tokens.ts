/** What the eye sees, named by meaning. Every text colour meets 4.5:1 on each ground it stands on; `tokens.test.ts` computes it. */
export interface Palette {
  ground: string;
  surface: string;
  /** Under the pointer, and the tracks of bars. */
  hover: string;
  line: string;
  /** The edge of a control, which must be seen to be found: 3:1. */
  edge: string;
  text: string;
  quiet: string;
  brand: string;
  /** On a surface filled with the brand or, where something is destroyed, with red. */
  onBrand: string;
  brandTint: string;
  sent: string;
  sentTint: string;
  waiting: string;
  waitingTint: string;
  attention: string;
  attentionTint: string;
  failed: string;
  failedTint: string;
  shadow: string;
}

export const light: Palette = {
  ground: '#F6F8F9',
  surface: '#FFFFFF',
  hover: '#F1F4F6',
  line: '#DDE3E7',
  edge: '#84939F',
  text: '#14202B',
  quiet: '#52616E',
  brand: '#0B7A75',
  onBrand: '#FFFFFF',
  brandTint: '#E6F4F3',
  sent: '#15803D',
  sentTint: '#EAF7EE',
  waiting: '#475569',
  waitingTint: '#EDF1F4',
  attention: '#B45309',
  attentionTint: '#FDF4E6',
  failed: '#B91C1C',
  failedTint: '#FDEEEE',
  shadow: '0 12px 32px rgb(20 32 43 / 14%)',
};

export const dark: Palette = {
  ground: '#0E151B',
  surface: '#151E26',
  hover: '#1C2731',
  line: '#26323C',
  edge: '#5F6E7B',
  text: '#E6EDF2',
  quiet: '#9AA9B5',
  brand: '#3CC4BC',
  onBrand: '#06201E',
  brandTint: '#10312F',
  sent: '#4CC38A',
  sentTint: '#12301F',
  waiting: '#A3B1BD',
  waitingTint: '#222D37',
  attention: '#F0B057',
  attentionTint: '#33260F',
  failed: '#FF8F87',
  failedTint: '#391C1B',
  shadow: '0 12px 32px rgb(0 0 0 / 50%)',
};

/** In pixels. The base is `body`. */
export const fontSizes = { small: 12, label: 13, body: 15, title: 18, display: 24 } as const;
export const spaces = { tiny: 4, xs: 8, sm: 12, md: 16, lg: 24, xl: 32 } as const;
export const radii = { control: 8, card: 10 } as const;
/** The height of a row in the queue, of an option in the patient list and of a line of the log, in pixels: what a virtual list must know beforehand. */
export const rowHeights = { queue: 56, patient: 48, log: 26 } as const;
