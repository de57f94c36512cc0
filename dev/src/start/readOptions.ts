/**
 * A command's options, from the arguments that it was started with.
 * @param parse throws what is wrong with them: the process says so and how it is used, and exits with 2
 */
export function readOptions<Options>(parse: (args: string[]) => Options, usage: string): Options {
  try {
    return parse(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return process.exit(2);
  }
}
