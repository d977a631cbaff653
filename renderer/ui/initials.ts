/** One or two letters that stand for a person: of the first name and of the first surname. */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  return words.slice(0, 2).map((word) => [...word][0]!.toLocaleUpperCase()).join('');
}
