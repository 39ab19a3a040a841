import { useState } from 'react';
import { useToday } from '../session/installation';

/** Which year is looked at: that of business time until another one is chosen; nothing while that is not known. */
export function useYear() {
  const today = useToday();
  const now = today === undefined ? undefined : Number(today.slice(0, 4));
  const [chosen, choose] = useState<number>();
  return { year: chosen ?? now, now, choose };
}
