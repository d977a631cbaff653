const names: Record<string, string> = { 'image/jpeg': 'JPEG', 'image/png': 'PNG', 'image/webp': 'WebP', 'image/heic': 'HEIC' };

/** A media type as people call it. */
export function typeName(type: string): string {
  return names[type] ?? type;
}
