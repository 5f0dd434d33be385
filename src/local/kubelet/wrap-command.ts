/**
 * A command line around that of a pod's program, for what a container runtime would do besides starting it.
 *
 * @module
 */
import type { Container, Pod } from './pod-schema.ts';

/** The command line that runs `argv`, the program of a pod's serving container. Called at each start. */
export type WrapCommand = (argv: readonly string[], of: { readonly pod: Pod; readonly container: Container }) => readonly string[];
