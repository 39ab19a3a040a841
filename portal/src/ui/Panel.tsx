import { type ReactNode, useId } from 'react';

interface PanelProps {
  title?: string;
  actions?: ReactNode;
  /** Whether the content reaches the edges, as a table does. */
  flush?: boolean;
  children: ReactNode;
}

/** A part of a page with its own heading. */
export function Panel({ title, actions, flush = false, children }: PanelProps) {
  const heading = useId();
  return (
    <section className="panel" {...(title !== undefined && { 'aria-labelledby': heading })}>
      {title !== undefined && (
        <header>
          <h2 id={heading}>{title}</h2>
          {actions !== undefined && <div className="actions">{actions}</div>}
        </header>
      )}
      <div className={flush ? '' : 'inside'}>{children}</div>
    </section>
  );
}
