/** The Satchel mark; decoration beside the name. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg className="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path d="M11 9V7.5A3.5 3.5 0 0 1 14.500 4h3A3.5 3.5 0 0 1 21 7.5V9" fill="none" stroke="currentColor" strokeWidth="2.4" />
      <rect x="3" y="9" width="26" height="19" rx="4" fill="currentColor" />
      <path d="M3 14.500c4.500 4 8.500 5.500 13 5.500s8.500-1.500 13-5.500" fill="none" stroke="var(--surface)" strokeWidth="1.8" />
      <path d="M14.300 17.200h3.400v2.600h2.600v3.400h-2.600v2.600h-3.400v-2.600h-2.600v-3.400h2.600z" fill="var(--surface)" />
    </svg>
  );
}
