/** The product's mark: one half handed over to the other. Decorative; the name stands beside it. */
export function Mark({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden>
      <rect width="32" height="32" rx="9" fill="var(--brand)" />
      <path d="M9 16a7 7 0 0 1 7-7v14a7 7 0 0 1-7-7Z" fill="var(--on-brand)" />
      <path d="M18.5 10.2 24 16l-5.5 5.8" fill="none" stroke="var(--on-brand)" strokeWidth="2.6" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
