// Shared by the Swift peers: message types, book, totals, orders, checksum.
import Foundation

package struct Depth: Decodable {
    package let currency, item, now, price, price_int, total_volume_int, type_str, volume,
        volume_int: String
    package let type: Int
}
package struct Trade: Decodable {
    package let amount_int, price_int, tid, trade_type: String
    package let date: Int
}
package struct Money: Decodable { public let currency, display, value, value_int: String }
package struct Ticker: Decodable {
    package let avg, buy, high, last, last_local, last_orig, low, sell, vol, vwap: Money
}
package struct Message: Decodable {
    package let channel, op, `private`: String
    package let depth: Depth?
    package let trade: Trade?
    package let ticker: Ticker?
}

package final class Feed {
    package var ask: [Int64: Int64] = [:], bid: [Int64: Int64] = [:]
    package var messages = 0
    var trades: Int64 = 0, tradeSum: Int64 = 0, tickers: Int64 = 0, tickerSum: Int64 = 0
    package var best: Int64 = 0
    var ref = ""
    let track: Bool
    let serialization: Bool
    let decoder = JSONDecoder()
    package init(track: Bool, serialization: Bool) {
        self.track = track; self.serialization = serialization
    }

    /// true when the best ask changed (only if tracked)
    package func apply(_ data: Data) throws -> Bool {
        messages += 1
        if serialization {
            guard let m = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
                return false
            }
            if let d = m["depth"] as? [String: Any] {
                return depth(
                    d["type_str"] as! String, d["price_int"] as! String,
                    d["total_volume_int"] as! String, d["now"] as! String)
            } else if let t = m["trade"] as? [String: Any] {
                trades += 1
                tradeSum += Int64(t["amount_int"] as! String)!
            } else if let t = m["ticker"] as? [String: Any], let l = t["last"] as? [String: Any] {
                tickers += 1
                tickerSum += Int64(l["value_int"] as! String)!
            }
            return false
        }
        let m = try decoder.decode(Message.self, from: data)
        if let d = m.depth { return depth(d.type_str, d.price_int, d.total_volume_int, d.now) }
        if let t = m.trade {
            trades += 1
            tradeSum += Int64(t.amount_int)!
        } else if let t = m.ticker {
            tickers += 1
            tickerSum += Int64(t.last.value_int)!
        }
        return false
    }

    @inline(__always)
    func depth(_ side: String, _ p: String, _ t: String, _ now: String) -> Bool {
        let price = Int64(p)!, total = Int64(t)!
        if side == "ask" {
            if total != 0 { ask[price] = total } else { ask[price] = nil }
            guard track else { return false }
            var b = best
            if total != 0 {
                if b == 0 || price < b { b = price }
            } else if price == b {
                b = ask.keys.min() ?? 0
            }
            if b != best { best = b; ref = now; return true }
        } else if total != 0 {
            bid[price] = total
        } else {
            bid[price] = nil
        }
        return false
    }

    package func order() -> String {
        "{\"op\":\"order\",\"ref\":\"\(ref)\",\"type\":\"bid\",\"item\":\"BTC\","
            + "\"currency\":\"USD\",\"price_int\":\"\(best)\","
            + "\"amount_int\":\"100000000\",\"tif\":\"ioc\",\"cid\":\"peer-000001\"}"
    }

    package func printResult() {
        var s = ""
        for p in ask.keys.sorted() { s += "ask,\(p),\(ask[p]!)\n" }
        for p in bid.keys.sorted() { s += "bid,\(p),\(bid[p]!)\n" }
        s += "trade,\(trades),\(tradeSum)\nticker,\(tickers),\(tickerSum)\n"
        print("{\"count\":\(messages),\"checksum\":\"\(sha256(Array(s.utf8)))\"}")
        fflush(stdout)
    }

    package var check: Int64 { tradeSum &+ tickerSum }
}

/// Plain SHA-256 (only run once, on the final book)
package func sha256(_ message: [UInt8]) -> String {
    func primes(_ n: Int) -> [Int] {
        var out: [Int] = [], c = 2
        while out.count < n { if !out.contains(where: { c % $0 == 0 }) { out.append(c) }; c += 1 }
        return out
    }
    let p = primes(64)
    func frac(_ x: Double) -> UInt32 { UInt32((x - x.rounded(.down)) * 4294967296.0) }
    let k = p.map { frac(cbrt(Double($0))) }
    var h = p.prefix(8).map { frac(Double($0).squareRoot()) }
    var m = message
    let bits = UInt64(m.count) * 8
    m.append(0x80)
    while m.count % 64 != 56 { m.append(0) }
    for i in 0..<8 { m.append(UInt8(truncatingIfNeeded: bits >> UInt64(56 - 8 * i))) }
    func rot(_ x: UInt32, _ n: UInt32) -> UInt32 { x >> n | x << (32 - n) }
    var w = [UInt32](repeating: 0, count: 64)
    for block in stride(from: 0, to: m.count, by: 64) {
        for i in 0..<16 {
            let b = block + 4 * i
            w[i] =
                UInt32(m[b]) << 24 | UInt32(m[b + 1]) << 16 | UInt32(m[b + 2]) << 8
                | UInt32(m[b + 3])
        }
        for i in 16..<64 {
            let s0 = rot(w[i - 15], 7) ^ rot(w[i - 15], 18) ^ w[i - 15] >> 3
            let s1 = rot(w[i - 2], 17) ^ rot(w[i - 2], 19) ^ w[i - 2] >> 10
            w[i] = w[i - 16] &+ s0 &+ w[i - 7] &+ s1
        }
        var v = h
        for i in 0..<64 {
            let s1 = rot(v[4], 6) ^ rot(v[4], 11) ^ rot(v[4], 25)
            let t1 = v[7] &+ s1 &+ ((v[4] & v[5]) ^ (~v[4] & v[6])) &+ k[i] &+ w[i]
            let s0 = rot(v[0], 2) ^ rot(v[0], 13) ^ rot(v[0], 22)
            let t2 = s0 &+ ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]))
            v = [t1 &+ t2, v[0], v[1], v[2], v[3] &+ t1, v[4], v[5], v[6]]
        }
        for i in 0..<8 { h[i] = h[i] &+ v[i] }
    }
    return h.map { String(format: "%08x", $0) }.joined()
}
