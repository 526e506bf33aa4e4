import OutcryKernel
import OutcryMarket

// What of a link's events a replay compares: the numbers of the market word by word, since these come by the thousand;
// of orders and the account the words that explanations tell.

extension LinkSupervisor {
    /// Says what of a link's events is compared, where a journal is written or replayed.
    static func compareEvents(_ kernel: Kernel) {
        guard kernel.isJournaled else { return }
        kernel.compare(.depth) { change, digest in digest.add(wordsOf: copy change) }
        kernel.compare(.trade) { trade, digest in digest.add(wordsOf: copy trade) }
        kernel.compare(.ticker) { ticker, digest in digest.add(wordsOf: copy ticker) }
        kernel.compare(.bookChanged) { change, digest in
            digest.add(change.bestPriceUnits(.bid) ?? .min)
            digest.add(change.bestPriceUnits(.ask) ?? .min)
            digest.add(change.evidence.isTrusted ? 1 : 0)
            digest.add(change.bestChanged ? 1 : 0)
            if let level = change.change { digest.add(wordsOf: level) }
        }
        compareOrders(kernel)
    }

    private static func compareOrders(_ kernel: Kernel) {
        kernel.compare(.place) { request, digest in digest.add(words(of: copy request)) }
        kernel.compare(.placeOrder) { ask, digest in digest.add(words(of: ask.question)) }
        kernel.compare(.placeNamedOrder) { named, digest in digest.add(words(of: named.request)) }
        kernel.compare(.cancelOrder) { id, digest in digest.add(id.text) }
        kernel.compare(.order) { order, digest in digest.add("\(copy order)") }
        kernel.compare(.fill) { fill, digest in
            digest.add("\(copy fill)")
            digest.add(fill.tradeID)
        }
        kernel.compare(.gatewayPlace) { placement, digest in
            digest.add(words(of: placement.request))
        }
        kernel.compare(.gatewayCancel) { cancellation, digest in
            digest.add(cancellation.venueID.text)
        }
        kernel.compare(.gatewayReport) { report, digest in digest.add(words(of: copy report)) }
        kernel.compare(.orderNews) { news, digest in digest.add(words(of: copy news)) }
        kernel.compare(.execution) { news, digest in digest.add(words(of: copy news)) }
        kernel.compare(.walletChange) { change, digest in
            digest.add("\(change.change)")
            digest.add(change.balance.map { "\($0)" } ?? "")
        }
        kernel.compare(.wallet) { wallet, digest in
            for balance in wallet.balances { digest.add("\(balance.total)") }
        }
    }
}

extension PayloadDigest {
    fileprivate mutating func add(_ words: EventWords) {
        for name in words.names { add(name) }
        add(words.text)
    }
}
