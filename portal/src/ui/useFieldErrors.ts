import type { FormInstance } from 'antd';
import { useEffect } from 'react';
import { byField, pathOf, violationsOf } from '../api/problem';

/** Shows what was refused at the fields that it is about; the whole list stands above the button all the same. */
export function useFieldErrors(form: FormInstance, error: unknown): void {
  useEffect(() => {
    const known = new Set(Object.keys((form.getFieldsValue() ?? {}) as object));
    for (const [field, errors] of byField(violationsOf(error))) {
      const name = pathOf(field);
      if (known.has(String(name[0]))) form.setFields([{ name, errors }]);
    }
  }, [form, error]);
}
