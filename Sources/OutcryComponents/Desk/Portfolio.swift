public import OutcryKernel
public import OutcryMarket

/// What the account has, kept current from its venue's own words.
///
/// The wallet is asked for whenever the account's channel comes up and after each reconciliation, and changes
/// with each message about money meanwhile. A message that tells the balance sets it; sums are only made
/// where none is told.
public final class Portfolio: Session {
    private let link: Link
    private var wallet: Wallet?
    private var isAsking = false
    private var isWantedAgain = false
    /// Changes that came while the wallet was asked for: its answer may be of before or of after them.
    private var missed = false

    private let isRestarted: Bool

    /// Makes the portfolio of a link's account.
    ///
    /// - Parameter isRestarted: It takes the place of one that failed: nobody may tell it to ask.
    public init(_ link: Link, isRestarted: Bool = false) {
        self.link = link
        self.isRestarted = isRestarted
    }

    /// Declares the handlers.
    public static func handlers(_ on: inout Handlers<Portfolio>) {
        on(.started) { me, _, my in
            my.register(
                Topic(.walletChange, from: me.link.gateway),
                Topic(.accountChannel, from: me.link.gateway), me.link.reconciled)
            if me.isRestarted { me.ask(my) }
        }
        on(.accountChannel) { me, isUp, my in if copy isUp { me.ask(my) } }
        on(.reconciled) { me, _, my in me.ask(my) }
        on(.walletChange) { me, change, my in me.take(copy change, my) }
        on(.askWallet) { me, ask, my in my.answer(ask, me.wallet) }
        on(.askPortfolio) { me, _, my in me.ask(my) }
    }

    private func take(_ change: WalletChange, _ my: Context) {
        missed = true
        guard var wallet else { return }
        let currency = change.change.currency
        let balance =
            change.balance ?? (wallet[currency]?.total ?? .zero(currency)) + change.change
        let old = wallet[currency]
        wallet.set(Balance(balance))
        self.wallet = wallet
        if wallet[currency] != old { my.publish(.wallet, wallet) }
    }

    /// Asks for the wallet until an answer comes during which nothing moved.
    private func ask(_ my: Context) {
        guard !isAsking else {
            isWantedAgain = true
            return
        }
        isAsking = true
        my.task { [self] my in
            var pause = Duration.milliseconds(100)
            var tries = 0
            repeat {
                isWantedAgain = false
                missed = false
                tries += 1
                let answer = try? await my.ask(
                    .askAccount, to: link.gateway, .wallet, timeout: .seconds(60))
                guard case .success(.wallet(let told))? = answer else {
                    isWantedAgain = true
                    try await my.sleep(pause)
                    pause = min(pause * 2, .seconds(15))
                    continue
                }
                // In a busy market something always moves: the messages tell whole balances then.
                if missed, tries < 3 { isWantedAgain = true }
                if !missed || wallet == nil, told != wallet {
                    wallet = told
                    my.publish(.wallet, told)
                }
            } while isWantedAgain
            isAsking = false
        }
    }
}

extension Event where Payload == Wallet {
    /// What the account has changed; published by the portfolio.
    public static let wallet = Self("wallet")
}
extension Event where Payload == Ask<Void, Wallet?> {
    /// Asks a portfolio for what the account has; nil as long as the venue has not told it.
    public static let askWallet = Self("portfolio.ask")
}
extension Event where Payload == Void {
    /// Has a portfolio ask the venue anew.
    public static let askPortfolio = Self("portfolio.refresh")
}
