import OutcryMarket
import OutcryWire

// What /status.json says: what the page shows, and programs that want no Prometheus.

extension SafetyNetStatus {
    /// The status as one JSON object; times in milliseconds.
    var json: [UInt8] {
        var writer = JSONWriter(escaping: .ascii, capacity: 2_048)
        writer.object { text in
            text.field("ready", isReady)
            text.array("problems") { list in for problem in problems { list.append(problem) } }
            text.array("warnings") { list in for warning in warnings { list.append(warning) } }
            text.object("upstream") { row in
                row.field("place", upstream)
                row.field("url", upstreamURL)
                row.field("up", isUp)
                if let lostReason { row.field("lost_reason", lostReason) }
                row.field("ups", counters.ups)
                row.field("losses", counters.losses)
                row.field("failovers", counters.failovers)
                row.field("messages", messages)
                row.field("fetches", counters.fetches)
            }
            text.array("markets") { list in
                for market in markets { list.object { row in market.write(to: &row) } }
            }
            text.object("clients") { row in
                row.field("connections", connections)
                row.field("websocket", webSockets)
                row.field("socketio", socketIO)
                row.field("own_lines", ownLines)
                row.field("slow", slowClients)
                row.field("cut_off", fanOut.cut + counters.cutOff)
                row.field("turned_away", counters.turnedAway)
            }
            text.object("calls") { row in
                row.field("questions", counters.questions)
                row.field("kept", counters.shelved)
                row.field("joined", counters.joined)
                row.field("not_modified", counters.notModified)
                row.field("refused", counters.refused)
                row.field("stale", counters.staleRefused + counters.staleMarked)
                row.field("signed", counters.signed)
                row.field("signed_waiting", signedWaiting)
                row.field("kept_bytes", shelfBytes)
            }
            text.object("stream") { row in
                row.field("messages", fanOut.messages)
                row.field("deliveries", fanOut.deliveries)
                row.field("slowed", fanOut.slowed)
                row.field("caught_up", fanOut.caughtUp)
                row.field("conflated", fanOut.conflated)
            }
            text.object("history") { row in
                row.field("stored", counters.stored)
                row.field("pages", counters.pages)
                if let storeFailure { row.field("failure", storeFailure) }
            }
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    /// Messages of the upstream's stream.
    private var messages: Int {
        counters.depths + counters.trades + counters.tickers + counters.lags
    }
}

extension SafetyNetMarketStatus {
    fileprivate func write(to row: inout JSONObjectWriter) {
        row.field("market", instrument.name)
        row.field("book_trusted", isTrusted)
        if let bookAge { row.field("book_age_ms", bookAge.milliseconds) }
        if let tickerAge { row.field("ticker_age_ms", tickerAge.milliseconds) }
        row.field("levels", levels)
        // Numbers of trades are beyond what JavaScript's numbers hold exactly.
        if let storedTo { row.field("stored_to", "\(storedTo)") }
        if let missingAfter { row.field("missing_after", "\(missingAfter)") }
    }
}
