import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Portal } from './app/Portal';
import { fetchFirstPage } from './app/routes';
import { begin } from './i18n/language';
import { refresh } from './session/refresh';
import { lendNonce } from './shell/nonce';
import './shell/styles.css';

const root = document.getElementById('root');
if (root === null) throw new Error('the first page has no place for the portal');

lendNonce();
await Promise.all([begin(), fetchFirstPage(location.pathname)]);
// After a reload the cookie tells who is signed in; visitors ask for nothing.
void refresh();
createRoot(root).render(
  <StrictMode>
    <Portal />
  </StrictMode>,
);
