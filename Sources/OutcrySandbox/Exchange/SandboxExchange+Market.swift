import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryWire

// The market goes on, and everybody who listens is told.

extension SandboxExchange {
    /// Steps that one event does at most; then others get their turn.
    private static let stepsAtOnce = 32

    /// Does what is due in the market.
    func play(_ my: Context) throws {
        guard isPlaying else { return }
        var left = Self.stepsAtOnce
        while left > 0, due <= my.now {
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
        my.at(due, .sandboxStep, named: "step")
    }

    func stop(_ my: Context) throws {
        isPlaying = false
        if configuration.faults.dropsLastDepth { try restUntold(my) }
    }

    /// One coin more is bid at the best price, and nobody is told.
    private func restUntold(_ my: Context) throws {
        var events: [EngineEvent] = []
        try engine.limit(
            .buy, amount: 100_000_000, price: engine.best(.bid) ?? 1, owner: .makers,
            at: my.wallNow.microseconds, into: &events)
        for case .depth in events {
            counters.depths += 1
            counters.dropped += 1
        }
    }

    func go(_ my: Context) {
        guard !isPlaying, !counters.isMarketOver else { return }
        isPlaying = true
        due = my.now
        my.at(due, .sandboxStep, named: "step")
    }

    /// Tells what the exchange did, in its order, then the ticker where it changed.
    func tell(_ my: Context) {
        var hasTraded = false
        for effect in effects {
            switch effect {
            case .trade(let trade):
                hasTraded = true
                counters.trades += 1
                text.setTrade(trade)
                broadcast(.trades, my)
            case .depth(let change):
                counters.depths += 1
                text.setDepth(change)
                broadcast(.depth, my)
            case .wallet, .order: continue
            }
        }
        effects.removeAll(keepingCapacity: true)
        guard hasTraded || touch != lastTouch else { return }
        lastTouch = touch
        counters.tickers += 1
        text.setTicker(summary(my))
        broadcast(.ticker, my)
    }

    /// The best prices.
    var touch: [Int64?] { [engine.best(.bid), engine.best(.ask)] }

    /// What a ticker says now.
    func summary(_ my: Context) -> MarketSummary {
        state.windows[0].summary(engine, at: max(engine.lastStamp, my.wallNow.microseconds))
    }

    /// How long the oldest order that should have arrived is late.
    func tellLag(_ my: Context) {
        guard !subscribers[PublicChannel.lag.index].isEmpty else { return }
        let late = isPlaying && due < my.now ? (my.now - due).nanoseconds / 1_000 : 0
        let stamp = my.wallNow.microseconds
        counters.lags += 1
        text.setLag(queue: Self.guid(my), stamp: stamp - late, age: late)
        broadcast(.lag, my)
    }

    /// Puts the text to everybody who listens to a channel, when that may be.
    private func broadcast(_ channel: PublicChannel, _ my: Context) {
        guard !subscribers[channel.index].isEmpty else { return }
        guard !mustHold else { return hold(.broadcast(channel.index, text.bytes)) }
        broadcast(text.bytes, channel.index, my)
    }

    /// Puts a message to everybody who listens to a channel: one frame for all of a kind.
    func broadcast(_ message: [UInt8], _ channel: Int, _ my: Context) {
        let listeners = subscribers[channel]
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

    /// A random GUID, version 4, in lower case.
    static func guid(_ my: Context) -> String {
        let high = my.random(UInt64.self) & 0xffff_ffff_ffff_0fff | 0x4000
        let low = my.random(UInt64.self) & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
        func hex(_ value: UInt64, _ digits: Int) -> String {
            let text = String(value, radix: 16)
            return String(repeating: "0", count: digits - text.count) + text
        }
        return [
            hex(high >> 32, 8), hex(high >> 16 & 0xffff, 4), hex(high & 0xffff, 4),
            hex(low >> 48, 4), hex(low & 0xffff_ffff_ffff, 12),
        ].joined(separator: "-")
    }
}
