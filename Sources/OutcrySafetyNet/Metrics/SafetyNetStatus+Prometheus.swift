import OutcryMarket

// What /metrics says.

extension SafetyNetStatus {
    /// The status as Prometheus reads it.
    var prometheus: String {
        var text = PrometheusText()
        let name = "outcry_safetynet_"
        func counter(_ end: String, _ help: String) {
            text.family(name + end, .counter, help)
        }
        func gauge(_ end: String, _ help: String) { text.family(name + end, .gauge, help) }

        gauge("ready", "Whether all that is served is current enough.")
        text.sample(isReady)
        gauge("warnings", "Things to look at, which /ready tells: files that cannot be used.")
        text.sample(warnings.count)
        gauge("upstream_up", "Whether the upstream whose turn it is is up.")
        text.sample(isUp, [("upstream", "\(upstream)"), ("url", upstreamURL)])
        counter("upstream_ups_total", "Times that the upstream came up.")
        text.sample(counters.ups)
        counter("upstream_losses_total", "Times that the upstream was lost.")
        text.sample(counters.losses)
        counter("upstream_failovers_total", "Times that an upstream was left for the next one.")
        text.sample(counters.failovers)
        counter("upstream_messages_total", "Messages of the upstream's stream, by what they say.")
        text.sample(counters.depths, [("kind", "depth")])
        text.sample(counters.trades, [("kind", "trade")])
        text.sample(counters.tickers, [("kind", "ticker")])
        text.sample(counters.lags, [("kind", "lag")])
        counter("upstream_fetches_total", "Calls upstream for what no stream tells.")
        text.sample(counters.fetches)
        counter(
            "upstream_overflows_total", "Times that the stream came faster than it was told on.")
        text.sample(counters.overflows)

        markets(&text)
        history(&text)
        clients(&text)
        calls(&text)
        stream(&text)
        return text.text
    }

    private func markets(_ text: inout PrometheusText) {
        let name = "outcry_safetynet_book_"
        text.family(name + "trusted", .gauge, "Whether the book is kept current by the stream.")
        for market in markets { text.sample(market.isTrusted, market.label) }
        text.family(name + "age_seconds", .gauge, "How old the book is.")
        for market in markets { if let age = market.bookAge { text.sample(age, market.label) } }
        text.family(name + "levels", .gauge, "Levels of the book.")
        for market in markets { text.sample(market.levels, market.label) }
        text.family(
            name + "repairs_total", .counter,
            "Books that were put right after a loss, by telling what differed.")
        text.sample(counters.repairs)
        text.family(name + "repaired_levels_total", .counter, "The levels that differed.")
        text.sample(counters.repaired)
        text.family(
            "outcry_safetynet_ticker_age_seconds", .gauge, "How old the ticker is.")
        for market in markets { if let age = market.tickerAge { text.sample(age, market.label) } }
    }

    private func history(_ text: inout PrometheusText) {
        let name = "outcry_safetynet_history_"
        text.family(name + "writable", .gauge, "Whether trades can be stored.")
        text.sample(storeFailure == nil)
        text.family(
            name + "newest_timestamp_seconds", .gauge,
            "The time up to which all trades of the newest span are stored.")
        for market in markets {
            guard let newest = market.storedTo else { continue }
            text.sample(.microseconds(newest), market.label)
        }
        text.family(name + "complete", .gauge, "Whether no trade is missing in the history.")
        for market in markets {
            text.sample(market.missingAfter == nil && market.storedTo != nil, market.label)
        }
        text.family(name + "stored_total", .counter, "Trades given to the store, known ones too.")
        text.sample(counters.stored)
        text.family(name + "pages_total", .counter, "Pages of the past that were fetched.")
        text.sample(counters.pages)
    }

    private func clients(_ text: inout PrometheusText) {
        let name = "outcry_safetynet_"
        text.family(name + "connections", .gauge, "Connections that are there.")
        text.sample(connections)
        text.family(name + "clients", .gauge, "Clients of the stream, by what carries it.")
        text.sample(webSockets, [("carrier", "websocket")])
        text.sample(socketIO, [("carrier", "socketio")])
        text.family(name + "own_lines", .gauge, "Clients with an upstream connection of their own.")
        text.sample(ownLines)
        text.family(name + "own_lines_opened_total", .counter, "Such connections that were made.")
        text.sample(counters.linesOpened)
        text.family(name + "connections_total", .counter, "Connections that came.")
        text.sample(counters.accepted - counters.turnedAway, [("result", "accepted")])
        text.sample(counters.turnedAway, [("result", "turned_away")])
    }

    private func calls(_ text: inout PrometheusText) {
        let name = "outcry_safetynet_"
        text.family(
            name + "calls_total", .counter, "Public calls over HTTP, by where the answer was.")
        text.sample(counters.shelved, [("answer", "kept")])
        text.sample(counters.joined, [("answer", "in_the_making")])
        text.sample(
            counters.questions - counters.shelved - counters.joined, [("answer", "made")])
        text.family(name + "replies_total", .counter, "Public calls that were answered.")
        text.sample(counters.replies)
        text.family(name + "not_modified_total", .counter, "Of those, answered by 304.")
        text.sample(counters.notModified)
        text.family(name + "refused_total", .counter, "Calls and handshakes that were refused.")
        text.sample(counters.refused)
        text.family(name + "stale_total", .counter, "Calls whose answer was too old.")
        text.sample(counters.staleRefused, [("policy", "refuse")])
        text.sample(counters.staleMarked, [("policy", "mark")])
        text.family(name + "kept_bytes", .gauge, "Bytes of replies that are kept, about.")
        text.sample(shelfBytes)
        text.family(name + "signed_calls_total", .counter, "Signed calls that came.")
        text.sample(counters.signed)
        text.family(name + "signed_calls_failed_total", .counter, "Of those, by why they failed.")
        text.sample(counters.signedRefused, [("reason", "refused")])
        text.sample(counters.signedFailed, [("reason", "unanswered")])
        text.family(name + "signed_calls_waiting", .gauge, "Signed calls that wait for their turn.")
        text.sample(signedWaiting)
    }

    private func stream(_ text: inout PrometheusText) {
        let name = "outcry_safetynet_stream_"
        text.family(name + "messages_total", .counter, "Messages told to everybody who listens.")
        text.sample(fanOut.messages)
        text.family(name + "deliveries_total", .counter, "Messages, counted for each client.")
        text.sample(fanOut.deliveries)
        text.family(name + "slow_clients", .gauge, "Clients that are behind.")
        text.sample(slowClients)
        text.family(name + "slowed_total", .counter, "Times that a client fell behind.")
        text.sample(fanOut.slowed)
        text.family(name + "caught_up_total", .counter, "Times that a client had caught up.")
        text.sample(fanOut.caughtUp)
        text.family(
            name + "conflated_total", .counter, "Messages left out, as a later one says it all.")
        text.sample(fanOut.conflated)
        text.family(name + "cut_off_total", .counter, "Clients that were cut off, by why.")
        text.sample(fanOut.cutForTrades, [("reason", "trades")])
        text.sample(fanOut.cutForLevels, [("reason", "levels")])
        text.sample(fanOut.cutForAnswers, [("reason", "answers")])
        text.sample(fanOut.cutForTime, [("reason", "time")])
        text.sample(counters.cutOff, [("reason", "unread")])
    }
}

extension SafetyNetMarketStatus {
    fileprivate var label: [(name: String, value: String)] { [("market", instrument.name)] }
}
