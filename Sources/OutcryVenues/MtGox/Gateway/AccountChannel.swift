import OutcryComponents
import OutcryKernel
import OutcryMarket

/// How far a gateway is with the account's channel.
struct AccountChannel {
    enum State: Equatable {
        case down
        /// The key is asked for.
        case asking
        /// The venue has been told the key.
        case joining
        case up
    }

    var state = State.down
    /// The GUID of the channel, once the venue has told it.
    var name: Channel?
    /// It was up when it was joined anew, as far as anybody knows.
    var isRenewal = false
    var failures = 0
    /// Which try this is: the answer to an older one does not count.
    var round = 0
}

extension MtGoxGateway {
    /// Asks for the key of the account's channel, and joins it.
    func join(_ my: Context) {
        guard streamIsUp, channel.state != .asking, channel.state != .joining else { return }
        channel.isRenewal = channel.state == .up
        channel.state = .asking
        channel.round += 1
        let round = channel.round
        my.task { [self] my in
            let key = await value(.identityKey, my)
            guard round == channel.round, channel.state == .asking, streamIsUp else { return }
            switch key {
            case .success(let key):
                channel.state = .joining
                my.post(
                    .send, to: link.connection, MtGoxRequest.text("mtgox.subscribe", "key", key))
                my.after(.seconds(10), .gatewayJoinLate, named: "join")
            case .failure(let failure): joinFailed("\(failure)", my)
            }
        }
    }

    /// The venue has confirmed a channel: the account's, if it is none that everybody can have.
    func joined(_ name: Channel, _ my: Context) {
        guard channel.state == .joining, MtGoxChannels.isGUID(name.name),
            channel.name == nil || channel.name == name || !channel.isRenewal
        else { return }
        channel.name = name
        channel.state = .up
        channel.failures = 0
        my.cancel(named: "join")
        my.after(options.renewal, .gatewayRenew, named: "renew")
        // Though it was up: it may have been lost without a trace, and only now all comes again.
        my.publish(.accountChannel, true)
    }

    /// The venue refuses something without saying which call it means.
    func refusedToJoin(_ notice: Notice, _ my: Context) {
        guard channel.state == .joining, notice.text.hasPrefix("Invalid key") else { return }
        joinFailed(notice.text, my)
    }

    func joinFailed(_ reason: String, _ my: Context) {
        guard channel.state == .asking || channel.state == .joining else { return }
        my.cancel(named: "join")
        my.log.warning("the account's channel is not joined", reason)
        let wasUp = channel.isRenewal
        channel.state = .down
        channel.failures += 1
        if wasUp { my.publish(.accountChannel, false) }
        let pause = min(options.retryPause * (1 << min(channel.failures, 8)), .seconds(30))
        my.after(pause, .gatewayJoin, named: "rejoin")
    }

    /// The stream is down, and the channel with it.
    func leave(_ my: Context) {
        let wasUp = channel.state == .up || channel.isRenewal && channel.state != .down
        channel.state = .down
        channel.isRenewal = false
        channel.name = nil
        channel.round += 1
        my.cancel(named: "join")
        my.cancel(named: "rejoin")
        my.cancel(named: "renew")
        if wasUp { my.publish(.accountChannel, false) }
    }

    // MARK: What comes on it

    /// Takes news of the wallet.
    func hear(_ news: MtGoxWalletNews, _ my: Context) {
        if let isCredit = news.kind.isCredit {
            my.publish(
                .walletChange,
                WalletChange(
                    change: isCredit ? news.amount : .zero(news.amount.currency) - news.amount,
                    balance: news.balance, info: news.info))
        }
        if let execution = executions.take(news) { tell(.execution, execution, my) }
    }

    /// Takes the copy of a trade that comes on the account's channel.
    func hear(_ trade: Trade, _ my: Context) {
        for execution in executions.take(trade) { tell(.execution, execution, my) }
    }
}

extension OrderRemoval {
    /// Why an order of the venue is gone.
    init(_ why: MtGoxOrderNews.Removal) {
        self =
            switch why {
            case .completedActive, .completedPassive: .filled
            case .requested: .cancelled
            default: .untold
            }
    }
}

extension VenueOrder {
    /// How an order of the venue stands.
    @inline(__always)
    init(_ order: MtGoxOrder) {
        // Where only the part that is paid for is the amount, the rest comes beside it.
        var remaining = order.amount
        if order.effectiveAmount == nil, let invalid = order.invalidAmount {
            remaining = remaining + invalid
        }
        let funded: Quantity? =
            switch order.status {
            case .invalid: Quantity(units: 0, of: order.instrument.base)
            default: order.effectiveAmount ?? (order.invalidAmount == nil ? nil : order.amount)
            }
        let state: OrderState =
            switch order.status {
            case .pending, .stop: .pending
            case .executing, .postPending: .executing
            default: .open
            }
        self.init(
            venueID: order.id, instrument: order.instrument, side: order.side, price: order.price,
            remaining: remaining, funded: funded, state: state,
            created: Self.created(order))
    }

    /// When an order was made, µs since 1970; 0 for a time that nobody can mean.
    private static func created(_ order: MtGoxOrder) -> Int64 {
        if let priority = order.priority { return max(0, priority) }
        let (time, isOver) = order.date.multipliedReportingOverflow(by: 1_000_000)
        return isOver ? 0 : max(0, time)
    }
}
