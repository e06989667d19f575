/** Work that takes long for large gateways, in steps between which whoever has it done may do other things. */
export type Steps<T> = Generator<undefined, T>;

/** Without any pause. */
export function allSteps<T>(steps: Steps<T>): T {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}
