// Who wants to know when something changes.

export class Listeners {
  private readonly all = new Set<() => void>();

  /** Call a function at every change. */
  subscribe(listener: () => void): void {
    this.all.add(listener);
  }

  protected tell(): void {
    for (const listener of this.all) listener();
  }
}
