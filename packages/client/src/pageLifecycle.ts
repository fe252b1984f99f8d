/** What befalls a page. */
export type PageListener = {
  /** The page went into the background, or came back. */
  hidden(hidden: boolean): void;
  /** The browser is about to freeze the page. */
  frozen(): void;
  /** The page runs again. */
  thawed(): void;
  /** The page is closed or navigated away. Nothing runs behind this. */
  leaving(): void;
  /** The page came back from the back/forward cache. */
  returned(): void;
};

/**
 * Follows the life of the page. Does nothing where there is none (React Native, Node). The state of now is
 * told at once.
 *
 * @returns a function that stops it
 */
export function watchPage(listener: PageListener): () => void {
  const { document } = globalThis;

  if (typeof document?.addEventListener !== 'function') {
    return () => {};
  }

  const controller = new AbortController();
  const { signal } = controller;
  const onVisibility = () => listener.hidden(document.visibilityState === 'hidden');

  document.addEventListener('visibilitychange', onVisibility, { signal });
  document.addEventListener('freeze', () => listener.frozen(), { signal });
  document.addEventListener('resume', () => listener.thawed(), { signal });
  globalThis.addEventListener('pagehide', () => listener.leaving(), { signal });
  globalThis.addEventListener('pageshow', event => event.persisted && listener.returned(), { signal });
  onVisibility();

  return () => controller.abort();
}
