import { Button } from 'antd';
import { type ReactNode, Suspense } from 'react';

interface LaterProps {
  /** What the button of the act says. */
  label: string;
  isDanger?: boolean;
  size?: 'small' | 'middle';
  children: ReactNode;
}

/** An act whose form comes after the page: its button stands in its place until then, so that nothing moves. */
export function Later({ label, isDanger = false, size = 'middle', children }: LaterProps) {
  const waits = (
    <Button disabled danger={isDanger} size={size}>
      {label}
    </Button>
  );
  return <Suspense fallback={waits}>{children}</Suspense>;
}
