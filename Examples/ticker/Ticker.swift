// Watches a market without an event in sight: asks, prints a line, waits a second.
//
//   swift run ticker [URL [LINES]]      of a sandbox on this machine, ten lines, if not said

import Outcry

@main struct Main {
    static func main() throws {
        let words = CommandLine.arguments
        let gox = try MtGoxClient(url: words.count > 1 ? words[1] : "http://127.0.0.1:8080")
        for line in 1...(words.count > 2 ? Int(words[2]) ?? 10 : 10) {
            if line > 1 { gox.sleep(.seconds(1)) }
            print(try gox.ticker().summary)
        }
    }
}
