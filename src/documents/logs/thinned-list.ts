/** At most 256 numbers of any number of them, evenly spread over the order they came in. Deterministic. */
const CAPACITY = 256;

export class ThinnedList {
  private kept: number[] = [];
  private stride = 1;
  private seen = 0;

  add(value: number): void {
    if (this.seen++ % this.stride !== 0) return;
    if (this.kept.length === CAPACITY) {
      this.kept = this.kept.filter((_, index) => index % 2 === 0);
      this.stride *= 2;
      if ((this.seen - 1) % this.stride !== 0) return;
    }
    this.kept.push(value);
  }

  values(): readonly number[] {
    return [...this.kept];
  }
}
