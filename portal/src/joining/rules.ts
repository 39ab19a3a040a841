import type { Rule } from 'antd/es/form';
import type { TFunction } from 'i18next';
import { isCreditCode } from './creditCode';

const SHORTEST = 12;
const LONGEST = 256;

const when = (isGood: boolean, fault: string) => (isGood ? Promise.resolve() : Promise.reject(new Error(fault)));

/** What has to be filled in. */
export const neededRule = (t: TFunction): Rule => ({ required: true, whitespace: true, message: t('field.needed') });

/** A credit code with its check digit: one letter that is mistyped is told before anything is sent. */
export const creditCodeRules = (t: TFunction): Rule[] => [
  neededRule(t),
  {
    validator: (_, code: string | undefined) => when(!code || isCreditCode(code.trim()), t('joining.badCode')),
  },
];

/** A login, as the register keeps it. */
export const loginRules = (t: TFunction): Rule[] => [
  neededRule(t),
  { pattern: /^[a-z0-9._@-]+$/, message: t('joining.badLogin') },
];

/** A new password: long enough, and not the login. */
export const passwordRules = (t: TFunction, login: () => string | undefined): Rule[] => [
  { required: true, message: t('field.needed') },
  {
    validator: (_, password: string | undefined) => {
      if (!password) return Promise.resolve();
      const length = Array.from(password).length;
      const isLogin = password.toLowerCase() === login()?.toLowerCase();
      return when(length >= SHORTEST && length <= LONGEST && !isLogin, t('account.passwordHint'));
    },
  },
];

/** The same password once more. */
export const repeatedRules = (t: TFunction, password: () => string | undefined): Rule[] => [
  { required: true, message: t('field.needed') },
  {
    validator: (_, repeated: string | undefined) =>
      when(!repeated || repeated === password(), t('account.passwordsDiffer')),
  },
];
