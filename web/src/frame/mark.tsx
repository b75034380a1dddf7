/** Sluice's mark: a gate with water going through. */
export function Mark({ size = 20 }: { size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeLinecap="round"
      aria-hidden="true"
    >
      <path d="M3.5 2.5v15M16.5 2.5v15" strokeWidth="2" />
      <path d="M3.5 5.5h13" strokeWidth="2" />
      <path d="M6.5 10.8c2.3-1.9 4.7 1.9 7 0M6.5 14.8c2.3-1.9 4.7 1.9 7 0" strokeWidth="1.6" />
    </svg>
  )
}
