// Waits for a price at MidChains, without an event in sight.
//
//   swift run price-watcher [URL [SECURITY [PRICE]]]     of a sandbox on this machine, BTCUSD, whatever the price, if
//                                                        not said; a sandbox is `outcry sandbox --midchains-port 8081`
//
// What it receives can be seen as it comes, too:
//
//   let mid = try MidChainsClient(url: "ws://127.0.0.1:8081/")
//   try mid.send(#"{"type":"subscribe","request":[{"msg":"book","security":"BCHUSD","dest":"CROX"}]}"#)
//   while true { print(try mid.receive()) }

import Outcry

@main struct Main {
    static func main() throws {
        let words = Array(CommandLine.arguments.dropFirst())
        let name = words.count > 1 ? words[1] : "BTCUSD"
        guard let market = MidChains.instrument(name) else { return print("no security: \(name)") }
        let wanted = words.count > 2 ? Price(words[2]) : nil
        let mid = try MidChainsClient(
            url: words.first ?? "ws://127.0.0.1:8081/", instruments: [market])
        for _ in 0..<1_000 {
            let best = try mid.bestPrices(of: market)
            print("\(name)  bid \(best.bid)  ask \(best.ask)")
            if wanted.map({ best.ask <= $0 }) ?? true { return print("there it is") }
        }
    }
}
