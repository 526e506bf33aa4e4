import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcryWire

// The market goes on, and everybody who listens is told.

extension SandboxExchange {
    /// Steps that one event does at most; then others get their turn.
    private static let stepsAtOnce = 32

    /// Does what is due in the market.
    func play(_ my: Context) throws {
        guard isPlaying else { return }
        var left = Self.stepsAtOnce
        while left > 0, due <= my.now, !isOverfull {
            // Goes on with the pause's end.
            if mustPause(my) { return hearNews(my) }
            left -= 1
            try perform(.step, my)
            guard case .after(let microseconds) = state.pause else {
                isPlaying = false
                counters.isMarketOver = true
                my.log.info("the recording is over", counters.trades, "trades")
                my.publish(.sandboxEnded)
                return
            }
            due = due + .nanoseconds(microseconds * 1_000 / Int64(configuration.speed))
        }
        hearNews(my)
        // With too much to be told the market stands still.
        my.at(isOverfull ? my.now + .milliseconds(10) : due, .sandboxStep, named: "step")
    }

    func stop(_ my: Context) throws {
        isPlaying = false
        tellLateDepth(my)
        for book in faults.untrue.indices { takeBack(book, my) }
        if faults.settings.dropsLastDepth { try restUntold(my) }
    }

    /// One coin more is bid at the best price, and nobody is told how the book changed; the journal is.
    private func restUntold(_ my: Context) throws {
        let rest = ExchangeCommand.rest(100_000_000, price: engine.best(.bid) ?? 1)
        let now = my.wallNow.microseconds
        var untold: [ExchangeEffect] = []
        try state.apply(rest, at: now, into: &untold)
        keep(rest, at: now, my)
        for effect in untold {
            guard case .depth = effect else {
                effects.append(effect)
                continue
            }
            counters.depths += 1
            counters.dropped += 1
            counters.faults[.dropLastDepth] += 1
        }
        if !effects.isEmpty { tell(my) }
    }

    func go(_ my: Context) {
        guard !isPlaying, !counters.isMarketOver else { return }
        isPlaying = true
        due = my.now
        my.at(due, .sandboxStep, named: "step")
    }

    /// Tells what the exchange did, in its order, then the tickers that changed.
    func tell(_ my: Context) {
        // What is told may make the exchange do more: it has a list of its own then.
        var told: [ExchangeEffect] = []
        swap(&told, &effects)
        if faults.inMessages {
            for effect in told { tellWrongly(effect, my) }
        } else {
            for effect in told { tell(effect, my) }
        }
        told.removeAll(keepingCapacity: true)
        swap(&told, &effects)
        tellMidChainsBooks(my)
        for place in bookTexts.indices { tellTicker(BookNumber(UInt8(place)), my) }
        if !state.engine.isSettled { my.yield(.sandboxWork) }
    }

    func tell(_ effect: ExchangeEffect, _ my: Context) {
        switch effect {
        case .trade(let trade):
            let book = Int(trade.book.value)
            hasTraded[book] = true
            counters.trades += 1
            bookTexts[book].setTrade(trade)
            broadcast(bookTexts[book].bytes, on: .trades, my)
            tellTraders(trade, my)
            tellMidChains(trade, my)
        case .depth(let change):
            let book = Int(change.book.value)
            counters.depths += 1
            bookTexts[book].setDepth(change)
            broadcast(bookTexts[book].bytes, on: depthChannels[book], my)
        case .wallet(let line):
            tell(line, my)
            tellMidChains(line, my)
        case .order(let order):
            tell(order, my)
            tellMidChains(order, my)
        case .entry(let order): noteEntry(order)
        }
    }

    private func tellTicker(_ book: BookNumber, _ my: Context) {
        let place = Int(book.value)
        let touch = touch(book)
        guard hasTraded[place] || touch != lastTouch[place] else { return }
        hasTraded[place] = false
        lastTouch[place] = touch
        counters.tickers += 1
        guard !subscribers[tickerChannels[place].index].isEmpty else { return }
        bookTexts[place].setTicker(summary(state.instrument(book), my))
        broadcast(bookTexts[place].bytes, on: tickerChannels[place], my)
        if faults.inMessages { loseListener(of: tickerChannels[place]) }
    }

    /// The best prices.
    func touch(_ book: BookNumber) -> [Int64?] {
        [engine.best(.bid, in: book), engine.best(.ask, in: book)]
    }

    /// What a ticker says now.
    func summary(_ market: Instrument, _ my: Context) -> MarketSummary {
        let book = state.book(of: market)
        return state.windows[Int(book.value)].summary(engine, book, at: stamp(my))
    }

    /// The time that what is told now has: the wall's, or the engine's where that is later.
    func stamp(_ my: Context) -> Int64 { max(engine.lastStamp, my.wallNow.microseconds) }

    // MARK: The queue

    /// Whether orders reach the engine at once.
    func isPrompt(_ my: Context) -> Bool {
        state.queue.isEmpty && faults.lag(at: my.wallNow.microseconds) == 0
    }

    /// Lets what has waited for its time reach the engine.
    func workQueue(_ my: Context) throws {
        let now = my.wallNow.microseconds
        let ready = state.queue.prefix { $0.time + faults.lag(at: $0.time) <= now }.count
        if ready > 0 || !engine.isSettled { try perform(.work(ready), my) }
        armQueue(my)
    }

    /// Comes back when the first entry of the queue is due.
    func armQueue(_ my: Context) {
        guard let first = state.queue.first else { return }
        let due = first.time + faults.lag(at: first.time)
        let wait = max(0, due - my.wallNow.microseconds)
        my.after(.nanoseconds(wait * 1_000), .sandboxWork, named: "work")
    }

    /// How long the oldest thing that waits for the engine has waited, in microseconds: an order, or what
    /// should have happened in the market.
    func lag(_ my: Context) -> Int64 {
        let market = isPlaying && due < my.now ? (my.now - due).nanoseconds / 1_000 : 0
        let order = state.queue.first.map { my.wallNow.microseconds - $0.time } ?? 0
        return max(market, order, 0)
    }

    func tellLag(_ my: Context) {
        guard !subscribers[PublicChannel.lag.index].isEmpty else { return }
        let late = lag(my)
        let stamp = my.wallNow.microseconds
        counters.lags += 1
        // The entry that waits longest, by the name that a cancellation is told; else one of its own.
        let entry = state.queue.first?.ticket ?? -stamp
        text.setLag(
            queue: "\(state.cipher.guid(.queueEntry, entry))", stamp: stamp - late, age: late)
        broadcast(text.bytes, on: .lag, my)
    }

    /// Puts a message to everybody who listens to a channel, when that may be.
    func broadcast(_ message: [UInt8], on channel: PublicChannel, _ my: Context) {
        guard !subscribers[channel.index].isEmpty else { return }
        guard !mustHold(my) else { return hold(.broadcast(channel.index, message)) }
        broadcast(message, channel.index, my)
    }

    /// Puts a message to everybody who listens to a channel: one frame for all of a kind.
    ///
    /// - Parameter number: Of what was held: who came later does not get it.
    func broadcast(
        _ message: [UInt8], _ channel: Int, heldAs number: Int? = nil, _ my: Context
    ) {
        sweepSubscribers()
        var listeners = subscribers[channel]
        if let number { listeners.removeAll { number <= $0.heldBefore[channel] ?? 0 } }
        guard !listeners.isEmpty else { return }
        share(message)
        for listener in listeners {
            if case .webSocket(let connection) = listener.carrier { shared.put(to: connection) }
        }
        counters.sent += listeners.count
        guard !sessionClients.isEmpty else { return }
        let packet = SocketIOPacket.encoded(.json, endpoint: Self.endpoint, data: message)
        share(packet)
        shared.withFrame { bytes in
            for listener in listeners {
                guard case .socketIO(let session) = listener.carrier else { continue }
                socketIO.send(packet.span, frame: bytes, to: session, my)
            }
        }
    }

    private func share(_ message: [UInt8]) {
        do throws(CodecError) { try shared.set(message.span) } catch {
            preconditionFailure("a message of the market is smaller than a megabyte")
        }
    }
}
