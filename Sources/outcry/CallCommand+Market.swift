import Outcry

// What everybody may ask.

extension CallCommand {
    func ticker(_ arguments: inout Arguments) throws -> CallReport {
        try arguments.finish()
        let ticker = try client().ticker(pair).summary
        let quote = pair.quote.code
        var table = Table([pair.name, "#", ""])
        for (name, price) in [
            ("last", ticker.last), ("bid", ticker.bestBid), ("ask", ticker.bestAsk),
            ("high", ticker.high), ("low", ticker.low), ("average", ticker.average),
            ("vwap", ticker.vwap),
        ] { if let price { table.add([name, Show.price(price), quote]) } }
        if let volume = ticker.volume {
            table.add(["volume", Show.quantity(volume), pair.base.code])
        }
        return CallReport(table.lines) { json in
            json.field("pair", pair.name)
            json.decimal("last", ticker.last)
            json.decimal("bid", ticker.bestBid)
            json.decimal("ask", ticker.bestAsk)
            json.decimal("high", ticker.high)
            json.decimal("low", ticker.low)
            json.decimal("average", ticker.average)
            json.decimal("vwap", ticker.vwap)
            json.decimal("volume", ticker.volume)
            json.field("time", ticker.stamp)
        }
    }

    func depth(_ arguments: inout Arguments) throws -> CallReport {
        let isFull = arguments.flag("--full")
        let levels = try arguments.integer("--levels", in: 1...1_000_000)
        try arguments.finish()
        let client = try client()
        let depth = isFull ? try client.fullDepth(pair) : try client.depth(pair)
        // The best first, whichever way they came.
        let bids = depth.bids.sorted { $0.price > $1.price }
        let asks = depth.asks.sorted { $0.price < $1.price }
        let (base, quote) = (pair.base.code, pair.quote.code)
        var table = Table(["#\(base)", "#bid \(quote)", "#ask \(quote)", "#\(base)"])
        for row in 0..<min(levels ?? 10, max(bids.count, asks.count)) {
            let bid = row < bids.count ? bids[row] : nil
            let ask = row < asks.count ? asks[row] : nil
            table.add([
                bid.map { Show.quantity($0.quantity) } ?? "",
                bid.map { Show.price($0.price) } ?? "",
                ask.map { Show.price($0.price) } ?? "",
                ask.map { Show.quantity($0.quantity) } ?? "",
            ])
        }
        let sum = "\(Show.count(bids.count)) bids, \(Show.count(asks.count)) asks"
        return CallReport(table.lines + [sum]) { json in
            json.field("pair", pair.name)
            json.field("full", isFull)
            json.field("time", depth.newestStamp)
            for (name, side) in [("bids", bids), ("asks", asks)] {
                json.array(name) { list in
                    for level in side.prefix(levels ?? .max) {
                        list.array { pair in
                            pair.append("\(level.price)")
                            pair.append("\(level.quantity)")
                        }
                    }
                }
            }
        }
    }

    func trades(_ arguments: inout Arguments) throws -> CallReport {
        let since = try arguments.integer("--since", in: 0...Int.max)
        let last = try arguments.integer("--last", in: 1...1_000_000)
        try arguments.finish()
        let all = try client().trades(pair, since: since.map { Int64($0) })
        var table = Table([
            "time (UTC)", "side", "#\(pair.base.code)", "#\(pair.quote.code)", "trade",
        ])
        for trade in all.suffix(last ?? 20) {
            table.add([
                Show.moment(trade.stamp), trade.aggressor.map { "\($0)" } ?? "",
                Show.quantity(trade.quantity), Show.price(trade.price), "\(trade.id)",
            ])
        }
        return CallReport(table.isEmpty ? ["no trades"] : table.lines) { list in
            for trade in all.suffix(last ?? .max) {
                list.object { json in
                    json.field("trade", "\(trade.id)")
                    json.field("time", trade.stamp)
                    json.text("side", trade.aggressor.map { "\($0)" })
                    json.decimal("amount", trade.quantity)
                    json.decimal("price", trade.price)
                }
            }
        }
    }

    func lag(_ arguments: inout Arguments) throws -> CallReport {
        try arguments.finish()
        let lag = try client().lag()
        let (seconds, rest) = lag.age.components
        let age = seconds * 1_000_000 + rest / 1_000_000_000_000
        let queue = lag.length.map { ", \(Show.count($0)) orders in its queue" } ?? ""
        return CallReport(["the engine is \(Show.micros(age)) behind\(queue)"]) { json in
            json.field("lag", age)
            if let length = lag.length { json.field("queue", length) } else { json.null("queue") }
        }
    }
}
