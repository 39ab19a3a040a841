import type { FormInstance } from 'antd';
import { useEffect } from 'react';

/** Fills in what there is only one choice of, once that is known: a form is there before its lists are. */
export function useOnlyChoice(form: FormInstance, field: string, only: string | undefined): void {
  useEffect(() => {
    if (only !== undefined && form.getFieldValue(field) === undefined) form.setFieldValue(field, only);
  }, [form, field, only]);
}
