import { LoadingOutlined } from '@ant-design/icons';
import { App, ConfigProvider, theme } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { type ReactNode, useLayoutEffect, useMemo, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { nonce } from './nonce';
import { components, dark, light, tokens } from './tokens';

/** `system` follows the machine. */
export type Appearance = 'system' | 'light' | 'dark';

const KEPT_AS = 'ganhe.appearance';
const machine = window.matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

function chosen(): Appearance {
  const kept = localStorage.getItem(KEPT_AS);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

const isDark = (): boolean => (chosen() === 'system' ? machine.matches : chosen() === 'dark');

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  machine.addEventListener('change', listener);
  return () => {
    listeners.delete(listener);
    machine.removeEventListener('change', listener);
  };
}

/** Chooses how the portal looks, and remembers it. */
export function appear(wanted: Appearance): void {
  localStorage.setItem(KEPT_AS, wanted);
  for (const listener of listeners) listener();
}

export const useAppearance = (): Appearance => useSyncExternalStore(subscribe, chosen);
export const useIsDark = (): boolean => useSyncExternalStore(subscribe, isDark);
export const usePalette = () => (useIsDark() ? dark : light);

/** Ant Design in the colours, faces and language of the portal. */
export function Dressed({ children }: { children: ReactNode }) {
  const { i18n } = useTranslation();
  const dim = useIsDark();
  const palette = dim ? dark : light;
  useLayoutEffect(() => {
    const root = document.documentElement;
    root.style.colorScheme = dim ? 'dark' : 'light';
    for (const [name, value] of Object.entries(palette)) root.style.setProperty(`--${name}`, String(value));
  }, [dim, palette]);
  const look = useMemo(
    () => ({
      algorithm: dim ? theme.darkAlgorithm : theme.defaultAlgorithm,
      token: tokens(palette),
      components: components(palette),
    }),
    [dim, palette],
  );
  return (
    <ConfigProvider
      theme={look}
      locale={i18n.language === 'en' ? enUS : zhCN}
      // What turns in a button may stay in it unseen when an answer comes at once; it is never part of what the button is called.
      button={{ autoInsertSpace: false, loadingIcon: <LoadingOutlined aria-hidden /> }}
      // A click beside a question does not take away what is filled in.
      modal={{ mask: { closable: false } }}
      form={{ requiredMark: 'optional', scrollToFirstError: true }}
      {...(nonce !== undefined && { csp: { nonce } })}
    >
      <App>{children}</App>
    </ConfigProvider>
  );
}
