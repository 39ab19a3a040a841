import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { RouterProvider } from 'react-router';
import { ApiProblem } from '../api/problem';
import { Dressed } from '../shell/appearance';
import { useDialog } from '../session/dialogs';
import { router } from './routes';

// Loaded with the first dialog that opens: visitors never see one.
const SessionDialogs = lazy(() => import('../session/SessionDialogs'));

const cache = new QueryClient({
  defaultOptions: {
    queries: {
      // A refusal stays one; only what was lost on its way is asked for again.
      retry: (times, error) => !(error instanceof ApiProblem) && times < 2,
      staleTime: 5_000,
    },
  },
});

/** The dialog over a page, when one is open. */
function Dialogs() {
  const dialog = useDialog();
  return (
    dialog !== undefined && (
      <Suspense>
        <SessionDialogs dialog={dialog} />
      </Suspense>
    )
  );
}

/** The portal. */
export function Portal() {
  return (
    <QueryClientProvider client={cache}>
      <Dressed>
        <RouterProvider router={router} />
        <Dialogs />
      </Dressed>
    </QueryClientProvider>
  );
}
