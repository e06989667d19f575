import fc from "fast-check";

/** Draws from a generated source of chance; every draw shrinks towards the first, plainest choice. */
export class Dice {
  private readonly source: fc.GeneratorValue;

  constructor(source: fc.GeneratorValue) {
    this.source = source;
  }

  integer(min: number, max: number): number {
    return this.source(fc.integer, { min, max });
  }

  pick<T>(...choices: readonly [T, ...T[]]): T {
    return choices[this.integer(0, choices.length - 1)] as T;
  }

  /** True once in so many times; shrinks to false. */
  chance(oneIn = 2): boolean {
    return this.integer(0, oneIn - 1) === 1;
  }

  some<T>(items: readonly T[]): T[] {
    return items.filter(() => this.chance());
  }
}
