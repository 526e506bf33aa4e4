import Glibc
import Outcry

// Nobody looks at it, and what is measured is measured without the door for those who do.
_ = unsafe setenv("OUTCRY_INSPECT", "0", 1)
let words = Array(CommandLine.arguments.dropFirst())
switch words.first {
case "kernel":
    let only = words.firstIndex(of: "--only").map { words[$0 + 1] }
    try KernelBench.run(json: words.contains("--json"), only: only) { try Reactor() }
case "ingest":
    exit(try Ingest.run(Array(words.dropFirst())))
case "feeds":
    exit(try FeedBench.run(Array(words.dropFirst())))
case "json":
    exit(try JSONBench.run(Array(words.dropFirst())))
case "engine":
    exit(Sibling.run("outcry-engine-bench", Array(words.dropFirst())))
case "seal":
    exit(try SealBench.run(Array(words.dropFirst())))
case "orders":
    exit(try OrdersBench.run(Array(words.dropFirst())))
case "fanout":
    exit(try Fanout.run(Array(words.dropFirst())))
default:
    print(
        """
        usage: outcry-bench kernel [--json]           what an event costs
               outcry-bench engine [--json]           what an order costs the sandbox
               outcry-bench ingest URL COUNT [ttt]    a client of Benchmarks/peers
               outcry-bench feeds [mtgox|midchains] [MESSAGES]   the venues' parsers, to a book
               outcry-bench fanout PORT               a server of Benchmarks/peers
               outcry-bench seal [COUNT [tonce|nonce FOLDER]]   what a signed call costs
               outcry-bench orders URL COUNT [IN-FLIGHT [tonce|nonce FOLDER]]   what an order costs a client
               outcry-bench json FILE COUNT PASSES    the parser alone
        """)
    exit(2)
}
