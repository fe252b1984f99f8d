import '../e2e/fixture/page.ts';
import type { DeviceHeartbeat } from '@mediasoup-heartbeat/client';
import { StrictMode } from 'react';
import { createRoot, hydrateRoot, type Root } from 'react-dom/client';
import { Room, renders } from './Room.tsx';

// The page of the hooks' tests: the fixture's application, shown with React. The tests control it.

declare global {
  interface Window {
    ui: Ui;
  }
}

class Ui {
  /** What each component has shown, once per render. */
  readonly renders = renders;
  /** Whether React runs each effect twice, as in development. */
  strict = false;
  #root: Root | undefined;

  /** Shows the application's heartbeats as they are now, or `none`. */
  show(which: 'app' | 'undefined' | 'null' = 'app'): void {
    this.#root ??= createRoot(this.#container());
    this.#root.render(this.#rooms(which));
  }

  /** Takes over what a server has rendered. */
  hydrate(html: string): void {
    const container = this.#container();

    container.innerHTML = html;
    this.#root = hydrateRoot(container, this.#rooms('app'));
  }

  unmount(): void {
    this.#root?.unmount();
    this.#root = undefined;
  }

  /** Waits until an element shows a text that the expression matches. */
  async until(id: string, pattern: string): Promise<void> {
    const expected = new RegExp(pattern);

    await new Promise<void>(resolve => {
      const look = () => {
        if (expected.test(document.getElementById(id)?.textContent ?? '')) {
          observer.disconnect();
          resolve();
        }
      };
      const observer = new MutationObserver(look);

      observer.observe(document, { subtree: true, childList: true, characterData: true });
      look();
    });
  }

  /** Waits until a component has rendered this often. */
  async untilRendered(component: string, count: number): Promise<void> {
    while ((renders[component]?.length ?? 0) < count) {
      await new Promise(requestAnimationFrame);
    }
  }

  /** How many listeners the heartbeats of a device have, by event. */
  listeners({ observer, transports }: DeviceHeartbeat = this.#heartbeats): Record<string, number> {
    const [transport] = transports.values();

    return {
      device: observer.listenerCount('statechange'),
      newtransport: observer.listenerCount('newtransport'),
      statechange: transport?.observer.listenerCount('statechange') ?? 0,
      stats: transport?.observer.listenerCount('stats') ?? 0,
      close: transport?.observer.listenerCount('close') ?? 0,
    };
  }

  get #heartbeats(): DeviceHeartbeat {
    return window.app.heartbeats as DeviceHeartbeat;
  }

  #container(): HTMLElement {
    document.body.innerHTML = '<div></div>';

    return document.body.firstElementChild as HTMLElement;
  }

  #rooms(which: 'app' | 'undefined' | 'null') {
    const heartbeats = which === 'app' ? this.#heartbeats : which === 'null' ? null : undefined;
    const room = <Room heartbeats={heartbeats} />;

    return this.strict ? <StrictMode>{room}</StrictMode> : room;
  }
}

window.ui = new Ui();
