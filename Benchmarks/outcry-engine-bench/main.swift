import Glibc

let words = Array(CommandLine.arguments.dropFirst())
if words.contains("--help") {
    print("usage: outcry-engine-bench [--json] [--orders COUNT] [--rounds COUNT]")
    exit(2)
}
exit(try EngineBench.run(words))
