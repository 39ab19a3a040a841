import { useEffect, useState } from 'react';

/** A value once it has not changed for a while: nobody is asked about every letter that is typed. */
export function useSettled<T>(value: T, milliseconds = 350): T {
  const text = JSON.stringify(value);
  const [settled, settle] = useState({ text, value });
  useEffect(() => {
    const timer = setTimeout(() => settle({ text, value: JSON.parse(text) as T }), milliseconds);
    return () => clearTimeout(timer);
  }, [text, milliseconds]);
  return settled.value;
}
