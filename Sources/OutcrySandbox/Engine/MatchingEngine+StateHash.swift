import OutcryMarket
import OutcryServing

extension MatchingEngine {
    /// A number that two engines share when they stand alike: every order in its place with its owner,
    /// rest and effective part, every level's stamp, every wallet and what its owner traded on which
    /// day, who waits for what came, the counters.
    public var stateHash: UInt64 {
        var hash = StateHash()
        for book in books { add(book, to: &hash) }
        for account in 0..<ledger.accounts.count {
            hash.mix(ledger.accounts[account].owner.value)
            hash.mix(Int64(ledger.accounts[account].rate))
        }
        for place in 0..<ledger.wallets.count {
            let wallet = ledger.wallets[place]
            hash.mix(wallet.balance)
            hash.mix(wallet.isListed ? 1 : 0)
            var slot = wallet.first
            while slot != .none {
                add(orders[slot], to: &hash)
                slot = orders[slot].walletNext
            }
            hash.mix(-1)
        }
        for place in 0..<ledger.days.count { hash.mix(ledger.days[place]) }
        for place in ledger.currencies.indices {
            hash.mix(ledger.deposited[place])
            hash.mix(ledger.market[place])
            hash.mix(ledger.house[place])
        }
        for wallet in grown[grownHead...] { hash.mix(Int64(wallet)) }
        for counter in [lastStamp, lastPriority, ordersArrived, tradeCount, ledger.today] {
            hash.mix(counter)
        }
        return hash.value
    }

    private func add(_ book: EngineBook, to hash: inout StateHash) {
        for ladder in [book.bids, book.asks] {
            var level = ladder.best
            while level != .none {
                hash.mix(ladder[level].key)
                hash.mix(ladder[level].total)
                hash.mix(ladder[level].stamp)
                add(ladder[level].queue, to: &hash)
                level = ladder[level].worse
            }
        }
        add(book.waitingBuys, to: &hash)
        add(book.waitingSells, to: &hash)
    }

    private func add(_ queue: OrderQueue, to hash: inout StateHash) {
        var slot = queue.first
        while slot != .none {
            add(orders[slot], to: &hash)
            slot = orders[slot].next
        }
        hash.mix(-1)
    }

    private func add(_ order: OpenOrder, to hash: inout StateHash) {
        for word in [
            order.number.value, order.owner.value, order.price, order.priority, order.remaining,
            order.effective, order.prefersFiatFee ? 1 : 0,
        ] { hash.mix(word) }
    }
}
