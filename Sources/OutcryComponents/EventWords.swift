import OutcryKernel
import OutcryMarket

// What explanations and traces say of a link's events. Prices, amounts and names; nothing that is secret.

extension LinkSupervisor {
    /// Says how a link's events are put into words, where somebody wants to know.
    static func describeEvents(_ kernel: Kernel) {
        guard kernel.isExplained else { return }
        describeMarket(kernel)
        describeOrders(kernel)
        describeGateway(kernel)
    }

    private static func describeMarket(_ kernel: Kernel) {
        kernel.describe(.depth) { change in
            "\(change.side) \(change.price): \(change.quantity) in all, \(change.instrument)"
        }
        kernel.describe(.trade) { trade in EventWords("\(copy trade)") }
        kernel.describe(.ticker) { ticker in EventWords("\(copy ticker)") }
        kernel.describe(.bookChanged) { change in
            func best(_ side: Side) -> String {
                change.bestPriceUnits(side).map {
                    "\(Price(units: $0, of: change.instrument.quote))"
                } ?? "none"
            }
            return "bid \(best(.bid)), ask \(best(.ask)), \(change.evidence)"
        }
        kernel.describe(.bookStale) { stale in "\(stale.instrument): \(stale.reason)" }
        kernel.describe(.connected) { up in "\(up.venue), the \(up.count). time" }
        kernel.describe(.disconnected) { down in EventWords(down.reason) }
        kernel.describe(.send) { text in "\(text.count) bytes" }
    }

    private static func describeOrders(_ kernel: Kernel) {
        kernel.describe(.place) { request in words(of: request) }
        kernel.describe(.placeOrder) { ask in words(of: ask.question) }
        kernel.describe(.placeNamedOrder) { named in words(of: named.request) }
        kernel.describe(.refuseOrder) { stopped in
            let words = words(of: stopped.request)
            return EventWords("\(words.text) refused: \(stopped.reason)", about: words.names)
        }
        kernel.describe(.cancelOrder) { id in EventWords("\(copy id)", about: ["\(copy id)"]) }
        kernel.describe(.order) { order in
            EventWords(
                "\(copy order)",
                about: [order.id.text] + (order.venueID.map { [$0.text] } ?? []))
        }
        kernel.describe(.fill) { fill in
            EventWords("\(copy fill)", about: fill.order.map { [$0.text] } ?? [])
        }
    }

    private static func describeGateway(_ kernel: Kernel) {
        kernel.describe(.gatewayPlace) { placement in words(of: placement.request) }
        kernel.describe(.gatewayCancel) { cancellation in
            EventWords(
                "cancel \(cancellation.id)",
                about: [cancellation.id.text, cancellation.venueID.text])
        }
        kernel.describe(.gatewayReport) { report in words(of: copy report) }
        kernel.describe(.orderNews) { news in words(of: copy news) }
        kernel.describe(.execution) { news in words(of: news) }
    }

    static func words(of news: OrderNews) -> EventWords {
        switch news {
        case .changed(let order):
            EventWords(
                "\(order.side) \(order.remaining) \(order.instrument) at "
                    + "\(order.price.map { "\($0)" } ?? "market") \(order.state)",
                about: [order.venueID.text])
        case .removed(let id, let why): EventWords("gone: \(why)", about: [id.text])
        }
    }

    static func words(of news: ExecutionNews) -> EventWords {
        EventWords(
            "trade \(news.tradeID): \(news.quantity.map { "\($0)" } ?? "?") at "
                + "\(news.price.map { "\($0)" } ?? "?")",
            about: news.venueID.map { [$0.text] } ?? [])
    }

    static func words(of request: OrderRequest) -> EventWords {
        let limit = request.price.map { "\($0)" } ?? "market"
        let market = request.instrument.map { " \($0)" } ?? ""
        return EventWords(
            "\(request.side) \(request.quantity)\(market) at \(limit)",
            about: request.id.map { [$0.text] } ?? [])
    }

    static func words(of report: GatewayReport) -> EventWords {
        switch report {
        case .placed(let id, let venue):
            EventWords("placed as \(venue)", about: [id.text, venue.text])
        case .refused(let id, let reason): EventWords("refused: \(reason)", about: [id.text])
        case .uncertain(let id, let reason, _):
            EventWords("nobody knows: \(reason)", about: [id.text])
        case .cancelTaken(let id): EventWords("will be cancelled", about: [id.text])
        case .cancelPointless(let id, let reason):
            EventWords("nothing to cancel: \(reason)", about: [id.text])
        case .cancelRefused(let id, let reason):
            EventWords("not cancelled: \(reason)", about: [id.text])
        case .cancelUncertain(let id, let reason):
            EventWords("nobody knows whether it was cancelled: \(reason)", about: [id.text])
        }
    }
}
