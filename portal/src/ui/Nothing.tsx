import type { ReactNode } from 'react';

/** What stands where a list is empty: what is not there, and what can be done about it. */
export function Nothing({ title, children, brief = false }: { title: string; children?: ReactNode; brief?: boolean }) {
  return (
    <div className={brief ? 'nothing brief' : 'nothing'}>
      <svg
        width="56"
        height="36"
        viewBox="0 0 56 36"
        fill="none"
        stroke="currentColor"
        strokeWidth="2.5"
        aria-hidden="true"
      >
        <path d="M2 10c9-9 17-9 26 0s17 9 26 0M2 24c9-9 17-9 26 0s17 9 26 0" strokeLinecap="round" />
      </svg>
      <b>{title}</b>
      {children}
    </div>
  );
}
