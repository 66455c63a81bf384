// Mouse, pen and finger alike: dragging, and pressing in one place.

/** Tell where an element is pressed, and where the pointer is dragged to from there. */
export function drag(handle: HTMLElement, moved: (event: PointerEvent) => void): void {
  handle.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.stopPropagation();
    handle.setPointerCapture(event.pointerId);
    moved(event);
  });
  handle.addEventListener("pointermove", (event) => {
    if (handle.hasPointerCapture(event.pointerId)) moved(event);
  });
}

// Pixels that a hand trembles by.
const STILL = 5;

/** Tell of presses that are no drags. */
export function press(element: HTMLElement, pressed: (event: PointerEvent) => void): void {
  let began: PointerEvent | null = null;
  element.addEventListener("pointerdown", (event) => {
    began = event.isPrimary && event.button === 0 ? event : null;
  });
  element.addEventListener("pointerup", (event) => {
    const moved = began === null ? Infinity : Math.hypot(event.clientX - began.clientX, event.clientY - began.clientY);
    began = null;
    if (moved <= STILL) pressed(event);
  });
}
