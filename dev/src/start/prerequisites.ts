import { execFile } from 'node:child_process';

/** Which of the prerequisites this start needs. */
export type Needs = { java: boolean; maven: boolean; go: boolean };

/** One line for each needed program that is missing or too old, with its remedy. */
export const missingPrerequisites = async (needs: Needs, run: Run = runProgram): Promise<string[]> => {
  const checks = [
    needs.java ? checkJava(await run('java', ['-version'])) : undefined,
    needs.maven ? checkMaven(await run('mvn', ['--version'])) : undefined,
    needs.go ? checkGo(await run('go', ['version'])) : undefined,
  ];
  return checks.filter((line) => line !== undefined);
};

/** Runs a program; its output, or undefined when it is missing or fails. */
export type Run = (program: string, args: string[]) => Promise<string | undefined>;

const runProgram: Run = (program, args) =>
  new Promise((resolve) => {
    // The version of Go that is installed, not one that a module asks it to download.
    const env = { ...process.env, GOTOOLCHAIN: 'local' };
    execFile(program, args, { env }, (error, stdout, stderr) => resolve(error === null ? stdout + stderr : undefined));
  });

const checkJava = (output: string | undefined): string | undefined => {
  const version = Number(/version "(\d+)/.exec(output ?? '')?.[1] ?? 0);
  return version >= 17
    ? undefined
    : `Java 17 or newer runs Kafka, ${found(version)}: install it (Debian: apt install openjdk-17-jre-headless), or set KAFKA_BROKERS`;
};

const checkMaven = (output: string | undefined): string | undefined =>
  output === undefined
    ? 'Maven downloads Kafka, but mvn was not found: install it (Debian: apt install maven), or set KAFKA_BROKERS'
    : undefined;

const checkGo = (output: string | undefined): string | undefined => {
  const [, major, minor] = /go(\d+)\.(\d+)/.exec(output ?? '') ?? [];
  const newEnough = Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 26);
  return newEnough
    ? undefined
    : `Go 1.26 or newer builds Dapr once, ${found(major === undefined ? 0 : `${major}.${minor}`)}: install it from https://go.dev/dl/, or set DAPR_BIN`;
};

const found = (version: number | string): string => (version === 0 ? 'but was not found' : `but ${version} was found`);
