import { convertCssVariables, DEFAULT_THEME, deepMerge, defaultCssVariablesResolver, mergeMantineTheme } from '@mantine/core';
import { theme } from './theme.ts';
import { dark, fontSizes, light, radii, spaces, type Palette } from './tokens.ts';

/**
 * [Note: styles without inline style]
 * Mantine writes its CSS variables and some classes into style elements, which a policy of `style-src 'self'` refuses, and a nonce
 * in a file that never changes protects nothing. So the provider is told to write none, and the same variables
 * are put into a constructed style sheet, which is the CSSOM and not inline style. Properties that need a style element
 * (responsive style props, AppShell, Grid, scroll lock) are not used; style attributes set by React go through the CSSOM too.
 */
export function themeCss(): string {
  const variables = deepMerge(defaultCssVariablesResolver(mergeMantineTheme(DEFAULT_THEME, theme)), {
    variables: sharedVariables(),
    light: paletteVariables(light),
    dark: paletteVariables(dark),
  });
  return convertCssVariables(variables, ':root');
}

/** Gives the document the theme's variables; before the first paint, so that nothing flashes. */
export function installTheme(target: Document): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(themeCss());
  target.adoptedStyleSheets = [...target.adoptedStyleSheets, sheet];
}

function sharedVariables(): Record<string, string> {
  const named = (prefix: string, values: Record<string, number>): [string, string][] =>
    Object.entries(values).map(([name, value]) => [`--${prefix}-${name}`, `${value / 16}rem`]);
  return Object.fromEntries([...named('font', fontSizes), ...named('space', spaces), ...named('radius', radii)]);
}

function paletteVariables(palette: Palette): Record<string, string> {
  const own = Object.entries(palette).map(([name, value]) => [`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, value]);
  return {
    ...Object.fromEntries(own),
    '--mantine-color-text': palette.text,
    '--mantine-color-body': palette.surface,
    '--mantine-color-dimmed': palette.quiet,
    '--mantine-color-placeholder': palette.quiet,
    '--mantine-color-error': palette.failed,
    '--mantine-color-anchor': palette.brand,
    '--mantine-color-default': palette.surface,
    '--mantine-color-default-hover': palette.hover,
    '--mantine-color-default-color': palette.text,
    '--mantine-color-default-border': palette.line,
    '--mantine-color-brand-text': palette.brand,
    '--mantine-color-brand-light': palette.brandTint,
    '--mantine-color-brand-light-hover': palette.brandTint,
    '--mantine-color-brand-light-color': palette.brand,
    '--mantine-primary-color-contrast': palette.onBrand,
    '--mantine-color-disabled': palette.hover,
    '--mantine-color-disabled-color': palette.quiet,
  };
}
