import type { ReactNode } from 'react';

/** Names and what they are, of one thing. */
export function Facts({
  facts,
  wide = false,
}: {
  facts: readonly (readonly [string, ReactNode] | false)[];
  wide?: boolean;
}) {
  const there = facts.filter((fact) => fact !== false);
  return (
    <dl className={wide ? 'facts wide' : 'facts'}>
      {there.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
