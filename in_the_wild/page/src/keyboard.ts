// What keys do, as data: the same list is obeyed and shown to whoever asks.
import { button, element } from "./elements.ts";

export interface Binding {
  /** As browsers call them, with "Shift+" before those that are no characters. */
  readonly keys: readonly string[];
  /** As they are shown. */
  readonly shown: string;
  readonly does: string;
  readonly run: () => void;
}

/** Obey keys, but those that are meant for what has the focus. */
export function obey(bindings: readonly Binding[]): void {
  const found = new Map(bindings.flatMap((binding) => binding.keys.map((key) => [key.toLowerCase(), binding] as const)));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    const key = (event.shiftKey && event.key.length > 1 ? `Shift+${event.key}` : event.key).toLowerCase();
    const binding = found.get(key);
    if (binding === undefined || isMeantFor(event.target, event.key)) return;
    event.preventDefault();
    binding.run();
  });
  // Whoever clicks a button wants the next space to play, and not to press it again; the focus stays for who uses keys.
  document.addEventListener("click", ({ detail, target }) => {
    if (detail > 0 && target instanceof Element) target.closest("button")?.blur();
  });
}

/** The list of keys, as a window that opens over the page. */
export function helpOf(bindings: readonly Binding[]): HTMLDialogElement {
  const rows = bindings.map(({ shown, does }) => {
    const keys = shown.split(" ").map((key) => element("kbd", {}, key));
    return element("div", {}, element("dt", {}, ...keys), element("dd", {}, does));
  });
  const dialog = element("dialog", { class: "help", "aria-labelledby": "help-title" });
  const close = button("Close", {}, () => {
    dialog.close();
  });
  dialog.append(element("h2", { id: "help-title" }, "Keys"), element("dl", {}, ...rows), close);
  return dialog;
}

function isMeantFor(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("dialog, select, input, textarea") !== null) return true;
  return (key === " " || key === "Enter") && target.closest("button, summary, a") !== null;
}
