import { Input, type InputProps } from 'antd';
import type { Rule } from 'antd/es/form';
import type { TFunction } from 'i18next';
import { isDecimal, isZero } from '../figures/decimal';

/** A field for a quantity or a sum of money: figures of one width at the right, with the unit. What is typed stays a string. */
export function DecimalInput({ unit, ...rest }: InputProps & { unit: string }) {
  return (
    <Input
      {...rest}
      inputMode="decimal"
      autoComplete="off"
      suffix={unit}
      className="figures"
      styles={{ input: { textAlign: 'right' } }}
    />
  );
}

/** What a form asks of a sum of money that may be nothing. */
export function sumRules(t: TFunction): Rule[] {
  return [
    {
      validator: (_: unknown, value: string | undefined) =>
        isDecimal(value ?? '', 2) ? Promise.resolve() : Promise.reject(new Error(t('field.sum'))),
    },
  ];
}

/** What a form asks of it before anything is sent: a decimal above zero with so many places at most. */
export function decimalRules(t: TFunction, places: number, isNeeded = true): Rule[] {
  return [
    ...(isNeeded ? [{ required: true, message: t('field.needed') }] : []),
    {
      validator: (_: unknown, value: string | undefined) => {
        if (value === undefined || value === '') return Promise.resolve();
        const isGood = isDecimal(value, places) && !isZero(value);
        return isGood ? Promise.resolve() : Promise.reject(new Error(t('field.decimal', { places })));
      },
    },
  ];
}
