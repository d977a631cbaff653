import { createTheme, type MantineColorsTuple } from '@mantine/core';
import { fontSizes, radii, spaces } from './tokens.ts';

/** Step 6 is the brand in the light scheme, step 4 in the dark one. */
const brand: MantineColorsTuple = [
  '#E6F4F3', '#CFEAE8', '#9FD8D4', '#6CCFC8', '#3CC4BC', '#1C9C96', '#0B7A75', '#096662', '#07524F', '#053D3B',
];

/** The kit's greys, bent to ours, so that its fields and switches stand on the same grounds. */
const gray: MantineColorsTuple = [
  '#F6F8F9', '#EEF2F4', '#E7ECEF', '#DDE3E7', '#C5CED5', '#84939F', '#52616E', '#3D4A55', '#26323C', '#14202B',
];
const dark: MantineColorsTuple = [
  '#E6EDF2', '#C4D0D9', '#9AA9B5', '#5F6E7B', '#34424E', '#26323C', '#1C2731', '#151E26', '#111920', '#0E151B',
];

const sans = '"Inter Variable", "Segoe UI", system-ui, sans-serif';
const px = (value: number): string => `${value / 16}rem`;

/** Mantine's side of the tokens. Its CSS variables are written out by `theme-stylesheet.ts`. */
export const theme = createTheme({
  colors: { brand, gray, dark },
  primaryColor: 'brand',
  primaryShade: { light: 6, dark: 4 },
  autoContrast: true,
  fontFamily: sans,
  headings: { fontFamily: sans, fontWeight: '600' },
  fontSizes: { xs: px(fontSizes.small), sm: px(fontSizes.label), md: px(fontSizes.body), lg: px(fontSizes.title), xl: px(fontSizes.display) },
  spacing: { xs: px(spaces.xs), sm: px(spaces.sm), md: px(spaces.md), lg: px(spaces.lg), xl: px(spaces.xl) },
  radius: { xs: px(4), sm: px(6), md: px(radii.control), lg: px(radii.card), xl: px(16) },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { variant: 'filled' } },
    Switch: { defaultProps: { withThumbIndicator: false } },
    // Scroll is inside our own panels; the library's lock would add a style element, which the policy refuses.
    Modal: { defaultProps: { lockScroll: false, transitionProps: { transition: 'fade', duration: 140 }, centered: true, overlayProps: { backgroundOpacity: 0.35 } } },
    Drawer: { defaultProps: { lockScroll: false, transitionProps: { duration: 160 }, overlayProps: { backgroundOpacity: 0.25 } } },
    Tooltip: { defaultProps: { openDelay: 400, transitionProps: { duration: 120 }, events: { hover: true, focus: true, touch: false } } },
  },
});
